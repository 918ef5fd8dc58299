"""Until an embargo ends, nothing that offkey says or does differs from a company without the leave."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from correlate.verdict import CaseKind
from jobs.cli.main import invoke
from jobs.duties import poll_leavers
from jobs.progress import Silent
from jobs.sensitive import end_embargo, set_embargo
from tests.jobs.town import Town

WHO = "100184"
READER = "counsel@fennelandrye.example"
ACTIVE = "100184,Yusuf,Demir,yusuf.demir@fennelandrye.example,,yusufdemir,active,employee,100101,2022-03-21,,,"
LEFT = ACTIVE.replace("active", "terminated").removesuffix(",,,") + ",2023-05-31,2023-05-31,"
NUMBER = f"employeeNumber: {WHO}\n"
FAR = datetime(2200, 1, 1, tzinfo=UTC)  # commands take the time from the machine's clock
COMMANDS = (
    *(("cases", "--all", "--format", form) for form in ("text", "json", "jsonl", "csv", "sarif")),
    *(("report", "--format", form) for form in ("text", "html", "json", "csv")),
    *(("metrics", "--format", form) for form in ("text", "json", "prometheus")),
    *(
        ("audit", "ai", "--since", "2020-01-01", "--format", form)
        for form in ("text", "json", "html")
    ),
    ("leaver", WHO, "--offline"),
    ("leaver", WHO, "--offline", "--before-leave", "--format", "json"),
    ("leaver", WHO, "--format", "json"),
    ("people", "explain", WHO),
    ("people", "explain", "yusuf.demir@fennelandrye.example"),
    ("people", "findings"),
    ("people", "export", WHO),
    ("people", "forget", WHO, "--reason", "asked to", "--as", "dpo@fennelandrye.example"),
    ("people", "restrict", WHO, "--reason", "asked to", "--as", "dpo@fennelandrye.example"),
    ("succession", "list"),
    ("succession", "risks"),
    ("doctor",),
    ("config", "explain"),
    ("run", "nightly"),
)
VOLATILE = (
    (re.compile(r"\b[0-9a-f]{64}\b|\bperson:[0-9a-f]{24}\b|\b[0-9a-f]{32}\b"), "*"),
    (re.compile(r"\b20(?!23)\d\d-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*(\+00:00)?"), "then"),
    (re.compile(r"\d+(\.\d+)? ?(ms|s|seconds)\b"), "a while"),
    # one entry says that there is an embargo
    (re.compile(r"\d+ ledger entries"), "entries"),
    (re.compile(r'"data":\{"size":\d+\}|offkey ledger head \d+'), "entries"),
)


def steady(text: str) -> str:
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


@dataclass(frozen=True, slots=True)
class Scene:
    """A town, and all that can be seen of it."""

    town: Town
    capture: pytest.CaptureFixture[str]

    def told(self, *, stated: bool) -> Mapping[str, object]:
        """Return all that is said and done of a company, by where: of one in which a leave was stated
        under an embargo, or of one in which nobody left.
        """
        town = self.town
        town.begin_again()
        begun = len(town.world.log)
        if stated:
            set_embargo(town.store, WHO, FAR, READER, "an investigation", town.now)
            state(town)
        said: dict[str, object] = {}
        said["polled"] = poll_leavers(town.wiring, town.store, town.now, Silent())
        report = town.night()
        said["counts"] = (report.judge, report.open_cases, report.exit, report.verify)
        town.store.close()
        for words in COMMANDS:
            self.capture.readouterr()
            code = invoke(["--config", str(town.config), *words])
            shown = self.capture.readouterr()
            said[" ".join(words)] = (code, steady(shown.out), steady(shown.err))
        said["files"] = sorted(
            str(path.relative_to(town.folder)) for path in town.folder.rglob("*")
        )
        said["asked"] = sorted(repr(asked[:3]) for asked in town.world.log[begun:])
        said["tickets"] = steady(json.dumps(town.tickets(), default=str, sort_keys=True))
        said["ledger"] = sorted(  # containers are scanned side by side
            steady(text) for text in town.ledger() if '"what":"embargo"' not in text
        )
        return said


@pytest.fixture
def scene(town: Town, capsys: pytest.CaptureFixture[str]) -> Scene:
    return Scene(town, capsys)


def state(town: Town) -> None:
    """Have the personnel feed state the leave, and IT disable the account."""
    for feed, before, after in (
        (town.company.personnel, ACTIVE, LEFT),
        (town.company.directory, NUMBER, f"{NUMBER}pwdAccountLockedTime: 20261120084000Z\n"),
    ):
        text = feed.read_text(encoding="utf-8")
        assert before in text
        feed.write_text(text.replace(before, after), encoding="utf-8")


def test_nothing_differs_from_a_company_without_the_leave(scene: Scene) -> None:
    without = scene.told(stated=False)
    under_embargo = scene.told(stated=True)
    assert under_embargo.keys() == without.keys()
    for where, said in without.items():
        assert under_embargo[where] == said, where


def test_when_it_ends_all_is_told_and_counted_from_the_leave(town: Town) -> None:
    set_embargo(town.store, WHO, FAR, READER, "an investigation", town.now)
    state(town)
    town.night()
    assert WHO not in {row.person for row in town.report().leavers}
    end_embargo(town.store, WHO, READER, "told today", town.now)
    assert poll_leavers(town.wiring, town.store, town.now, Silent()) == 1
    (row,) = (row for row in town.report().leavers if row.person == WHO)
    assert row.left_at.date() == datetime(2023, 5, 31, tzinfo=UTC).date()
    kinds = {held.kind for held in town.cases().values() if held.person == WHO}
    assert kinds & {CaseKind.F1, CaseKind.F2}
