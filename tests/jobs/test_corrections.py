from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.identity import Match
from correlate.model import Identity, LivenessState, PersonId
from correlate.verdict import CaseKind, Correction
from jobs.corrections import correct, explain, identity_of, somebody, told, told_of
from jobs.judge import judge_all
from tests.correlate.cast import NOW, account, answer, author, day, exposure, mail, snapshot
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, cases, fill, fresh_store, ledger

OCTOCAT = Identity("github", "octo")
SAID = Correction(
    OCTOCAT, PersonId("1"), holds=True, since=None, until=None, by="boss@x.example",
    reason="she told me", at=NOW,
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (answer(LivenessState.LIVE, OCTOCAT),), places=(exposure(author("x@y.example", "2025-02-01")),))  # fmt: skip
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Jane@X.example", mail("jane@x.example")),
        ("mail:Jane@X.example", mail("jane@x.example")),
        ("github:Octo", OCTOCAT),
        ("7+octo@users.noreply.github.com", OCTOCAT),
    ],
)
def test_an_identity_is_written_as_people_do(text: str, wanted: Identity) -> None:
    assert identity_of(text) == wanted


@pytest.mark.parametrize("text", ["", "jane", ":jane", "github:"])
def test_a_text_that_names_no_system_is_no_identity(text: str) -> None:
    with pytest.raises(ConfigError, match="no identity"):
        identity_of(text)


def test_a_correction_makes_the_case_the_leavers(store: SqlStore) -> None:
    judge_all(store, KINDS, NOW, 0)
    assert [held.kind for held in cases(store)] == [CaseKind.F3]
    correct(store, SAID)
    judge_all(store, KINDS, NOW, 0)
    assert (CaseKind.F1, "1") in {(held.kind, held.person) for held in cases(store)}
    assert any('"what":"correction"' in text and "she told me" in text for text in ledger(store))
    correct(store, replace(SAID, holds=False, reason="she was mistaken"))
    found = explain(store, OCTOCAT, NOW)
    assert (found.now.match, len(found.corrections)) == (Match.NONE, 2)


def test_what_cannot_be_is_refused_and_not_kept(store: SqlStore) -> None:
    for said, why in (
        (replace(SAID, person=PersonId("99")), "nobody is known"),
        (replace(SAID, since=day("2025-01-02"), until=day("2025-01-01")), "before it begins"),
    ):
        with pytest.raises(ConfigError, match=why):
            correct(store, said)
    assert explain(store, OCTOCAT, NOW).corrections == ()
    assert not any('"what":"correction"' in text for text in ledger(store))


def test_an_explanation_names_holders_periods_and_who_said_so(store: SqlStore) -> None:
    correct(store, replace(SAID, identity=mail("jane@x.example"), since=day("2026-01-01")))
    lines = list(told(explain(store, mail("jane@x.example"), NOW)))
    assert (
        lines[0] == "mail:jane@x.example: Person 1 (1)'s now, says the correction by boss@x.example"
    )
    assert "personnel feed" in lines[1]
    assert lines[-1].endswith("is 1's 2026-01-01 to now: she told me (boss@x.example, 2026-11-20)")
    assert list(told(explain(store, OCTOCAT, NOW))) == ["github:octo: nobody's that we know"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("jane@x.example", "nobody's now; it was only ever Person 1 (1)'s"),
        ("omar@x.example", "Person 2 (2)'s now, says the personnel feed"),
        ("root@laptop", "a machine's by its form"),
    ],
)
def test_it_is_said_how_an_identity_is_taken(store: SqlStore, text: str, said: str) -> None:
    assert said in next(told(explain(store, identity_of(text), NOW)))


def test_two_words_on_one_identity_name_nobody(store: SqlStore) -> None:
    correct(store, SAID)
    correct(store, replace(SAID, person=PersonId("2")))
    assert "more than one" in next(told(explain(store, OCTOCAT, NOW)))


def test_of_a_person_all_is_told(store: SqlStore) -> None:
    joined = account("janed", "jane@x.example", worker_id="1")
    with store.transaction() as tx:
        tx.people.save_snapshot(snapshot(LEAVER, COLLEAGUE))
        tx.people.save_snapshot(snapshot(accounts=(joined,), feed="ldap"))
    correct(store, SAID)
    text = "\n".join(told_of(somebody(store, PersonId("1"), NOW)))
    for part in ("(1): left", "works", "account   janed", "holds     mail:jane@x.example", "corrected github:octo is 1's"):  # fmt: skip
        assert part in text
    with pytest.raises(KeyError):
        somebody(store, PersonId("99"), NOW)
