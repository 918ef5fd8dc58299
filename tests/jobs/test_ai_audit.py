"""Who could change an AI project: the exact set, by window, and nothing that nobody told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.ai_audit import Window
from correlate.ai_project import AiProject, Role
from correlate.errors import SourceError
from correlate.model import Change, Identity, Reader, Right, Truth
from jobs.ai_audit import ProjectAudit, audit
from jobs.ai_look import Sources, sources_of
from jobs.judge import judge_all
from jobs.sensitive import restrict, set_embargo
from tests.correlate.cast import NOW, answer, author, day, exposure, mail
from tests.jobs.stage import COLLEAGUE, KINDS, fill, fresh_store
from tests.jobs.town import Town

BOT = AiProject("bot", ("repos:payments",), {Role.PROMPTS: ("prompts/*",), Role.LOGS: ("runs/*",)})
WINDOW = Window(day("2026-07-01"), NOW, NOW)
JANE, OMAR, STRANGER = "jane@x.example", "omar@x.example", "who@else.example"
LEFT_AT = day("2026-06-30")


@dataclass(frozen=True, slots=True)
class Told:
    """A source that tells changes, and breaks off on demand."""

    changed: tuple[Change, ...] = ()
    broken: bool = False

    def changes(self, container: str, since: datetime, until: datetime) -> Iterator[Change]:
        yield from (one for one in self.changed if since <= (one.touch.at or since) <= until)
        if self.broken:
            raise SourceError("a history ended", where=container, why="cut", fix="fetch it")


@dataclass(slots=True)
class Scene:
    """A store with one project, and what is told of it."""

    store: SqlStore
    told: Told = field(default_factory=Told)
    types: Mapping[str, str] = field(default_factory=lambda: {"repos": "git"})

    def readers(self, *readers: Reader) -> None:
        with self.store.transaction() as tx:
            tx.access.save_readers(("repos", "payments"), readers, NOW)

    def ask(self, window: Window = WINDOW, *projects: AiProject) -> ProjectAudit:
        asked = Sources({"repos": self.told}, self.types)
        return audit(self.store, KINDS, asked, projects or (BOT,), window)[0]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = fresh_store(tmp_path)
    fill(made, (replace(answer(), identities=(Identity("github", "janed"),), scopes=("repo",)),))
    judge_all(made, KINDS, NOW, 0)
    yield Scene(made)
    made.close()


def people(made: ProjectAudit) -> dict[str, Truth]:
    return {one.person or one.name: one.could for one in made.people}


def change(who: str, path: str, at: str) -> Change:
    return Change(path, author(who, at))


def test_who_changed_a_prompt_could_and_others_files_tell_nothing(scene: Scene) -> None:
    scene.told = Told((
        change(OMAR, "prompts/a.txt", "2026-08-01"),
        change(JANE, "prompts/a.txt", "2026-08-02"),
        change(STRANGER, "runs/1.txt", "2026-08-03"),
        change("dev@x.example", "src/main.py", "2026-08-04"),
    ))  # fmt: skip
    made = scene.ask()
    assert people(made) == {"1": Truth.YES, "2": Truth.YES, f"mail:{STRANGER}": Truth.YES}
    jane = made.people[0]
    assert (jane.left_at, jane.roles) == (LEFT_AT, (Role.PROMPTS,))
    assert "after they left" in jane.reasons[0]
    assert made.layers[3].bad == ("1 people could change what it logs where it is kept",)


def test_readers_may_change_as_far_as_their_right_is_told(scene: Scene) -> None:
    scene.readers(
        Reader(mail(OMAR), "a maintainer", day("2026-01-01"), right=Right.WRITE),
        Reader(Identity("github-id", "77"), "a maintainer", day("2026-01-01"), right=Right.WRITE),
        Reader(mail(JANE), "may read", day("2026-01-01")),
    )
    made = scene.ask()
    assert people(made) == {"2": Truth.YES, "1": Truth.UNKNOWN}
    assert made.people[0].roles == (Role.PROMPTS, Role.LOGS)
    assert "1 people may change it, and no end of that is told" in made.layers[1].bad
    early = scene.ask(replace(WINDOW, since=day("2025-01-01"), until=day("2025-02-01")))
    assert early.people == ()


def test_a_credential_in_it_is_told_and_what_it_can_change_is_not_known(scene: Scene) -> None:
    (one,) = scene.ask().credentials
    assert (one.could, one.alive, one.places) == (Truth.UNKNOWN, Truth.YES, ("payments:a.py",))
    assert (one.owner, one.owner_left) == ("Person 1", True)
    assert scene.ask().layers[0].answer == scene.ask().layers[2].answer == "contrary seen"
    assert scene.ask().layers[3].answer == "in part"  # our own ledger, and not the project's logs


@pytest.mark.parametrize(
    ("types", "could"),
    [
        ({"repos": "github_ci"}, Truth.YES),
        ({"repos": "git"}, Truth.UNKNOWN),  # kept at nobody knows which forge
        ({"repos": "notebooks"}, Truth.UNKNOWN),
    ],
)
def test_a_token_of_one_who_could_opens_the_forge_where_the_project_is_kept(
    scene: Scene, types: Mapping[str, str], could: Truth
) -> None:
    scene.types = types
    scene.told = Told((change(JANE, "prompts/a.txt", "2026-08-01"),))
    asked = Sources({"repos": scene.told}, types)
    kinds = {one.id: replace(one, issuer="github") for one in KINDS.values()}
    (made,) = audit(scene.store, kinds, asked, (BOT,), WINDOW)
    assert made.credentials[0].could is could


def test_what_cannot_be_looked_at_is_a_gap(scene: Scene) -> None:
    scene.told = Told((change(OMAR, "prompts/a.txt", "2026-08-01"),), broken=True)
    made = scene.ask()
    assert people(made) == {"2": Truth.YES}
    assert made.gaps == (
        "payments: its history could not be read whole (a history ended)",
        "repos:payments: nobody tells who may read or change it",
    )
    nowhere = scene.ask(WINDOW, AiProject("gone", ("repos:nothing",)))
    assert "none of its places is known" in nowhere.gaps[0]


def test_a_restricted_person_is_told_of_in_no_words(scene: Scene) -> None:
    scene.told = Told((change(JANE, "prompts/a.txt", "2026-08-01"),))
    restrict(scene.store, "1", "dpo@x.example", "court", NOW, holds=True)
    made = scene.ask()
    (one,) = made.people
    assert (one.person, one.name, one.left_at, one.reasons) == (
        "restricted",
        "restricted",
        None,
        (),
    )
    assert "Person 1" not in str(made)
    assert not made.credentials[0].owner_left


def test_a_leave_under_embargo_is_not_told_of(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (answer(),))
    set_embargo(store, "1", NOW + timedelta(hours=1), "counsel@x.example", "not yet", NOW)
    told = Told((change(JANE, "prompts/a.txt", "2026-08-01"),))
    for hours, left in ((0, False), (1, True)):
        now = NOW + timedelta(hours=hours)
        window = replace(WINDOW, until=now, now=now)
        (made,) = audit(store, KINDS, Sources({"repos": told}), (BOT,), window)
        assert (made.people[0].left_at is not None) is left
        assert ("after they left" in str(made)) is left
    store.close()


def test_what_looks_like_a_project_is_one_though_nobody_configured_it(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    place = exposure(author(OMAR, "2026-08-01"), path="prompts/a.txt")
    fill(store, (answer(),), places=(place,))
    (made,) = audit(store, KINDS, Sources(), (), WINDOW)
    assert (made.project.name, made.project.inferred) == ("repos:payments", True)
    assert people(made) == {"2": Truth.YES}  # no history is told: of texts with secrets we know
    assert audit(store, KINDS, Sources(), (), WINDOW, "another") == []
    store.close()
    assert COLLEAGUE.name == made.people[0].name


def test_the_companys_project_comes_out_as_in_its_answer_key(town: Town) -> None:
    key = json.loads(town.company.expected.read_text(encoding="utf-8"))["ai_projects"]
    kinds = {kind.id: kind for kind in town.wiring.kinds}
    types = {item.name: item.type for item in town.wiring.config.of("source")}
    asked = sources_of(town.wiring.sources(), types)
    assert len(key) == 3
    for row in key:
        end = day(row["until"]) + timedelta(days=1)
        window = Window(day(row["since"]), end, town.now)
        made = audit(
            town.store, kinds, asked, town.wiring.config.ai_projects, window, row["project"]
        )[0]
        told = {truth: sorted(p for p, t in people(made).items() if t is truth) for truth in Truth}
        assert (told[Truth.YES], told[Truth.UNKNOWN]) == (row["could"], row["not_known"])
    leaver = next(one for one in made.people if one.person == "100177")
    assert leaver.left_at is not None
    assert any("still after they left" in reason for reason in leaver.reasons)
    names = {one.project.name for one in audit(town.store, kinds, asked, (), window)}
    assert {"notebooks:notebooks", "repositories:forecasting"} <= names
