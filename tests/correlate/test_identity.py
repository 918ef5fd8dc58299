"""An address is whoever held it then; a bot is nobody; a guess is never made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.identity import Match, fold, is_bot
from correlate.linking import link
from correlate.model import Identity, PersonId
from correlate.verdict import Correction
from tests.correlate.cast import account, day, mail, snapshot, worker


@pytest.mark.parametrize(
    ("seen", "folded"),
    [
        (mail(" Jane@X.Example "), mail("jane@x.example")),
        (mail("\uff4aane@x.example"), mail("jane@x.example")),
        (mail("jane+ci@x.example"), mail("jane+ci@x.example")),
        (mail("123+Jane@users.noreply.github.com"), Identity("github", "jane")),
        (mail("jane@users.noreply.github.com"), Identity("github", "jane")),
        (Identity("github", "JaneDoe"), Identity("github", "janedoe")),
    ],
)
def test_folding(seen: Identity, folded: Identity) -> None:
    assert fold(seen) == folded


@given(st.text(), st.sampled_from(["mail", "github", "login"]))
def test_folding_twice_is_folding_once(handle: str, system: str) -> None:
    once = fold(Identity(system, handle))
    assert fold(once) == once


@pytest.mark.parametrize(
    ("handle", "bot"),
    [
        ("49699333+dependabot[bot]@users.noreply.github.com", True),
        ("ci@x.example", True),
        ("root@host", True),
        ("noreply@github.com", True),
        ("cian@x.example", False),
        ("rooth@x.example", False),
        ("abbot@x.example", False),
    ],
)
def test_bots_are_known_by_their_form(handle: str, bot: bool) -> None:
    assert is_bot(mail(handle)) is bot


def test_a_reused_address_belongs_to_its_holder_then() -> None:
    people = link(
        [
            snapshot(
                worker("1", "sam@x.example", start="2019-01-01", end="2023-03-31"),
                worker("2", "sam@x.example", start="2024-02-01"),
            )
        ]
    )
    then = people.who(mail("sam@x.example"), day("2022-05-05"))
    now = people.who(mail("sam@x.example"), day("2025-05-05"))
    gap = people.who(mail("sam@x.example"), day("2023-08-01"))
    assert (then.person, then.match) == ("1", Match.HELD)
    assert (now.person, now.match) == ("2", Match.HELD)
    assert (gap.person, gap.match) == (None, Match.AMBIGUOUS)


def test_a_sole_holder_is_named_outside_their_dates() -> None:
    people = link([snapshot(worker("1", "a@x.example", end="2023-01-31"))])
    late = people.who(mail("a@x.example"), day("2023-06-01"))
    assert (late.person, late.match) == ("1", Match.OUTSIDE)


def test_bots_and_strangers_are_nobody() -> None:
    people = link([snapshot(worker("1", "ci@x.example"))])
    assert people.who(mail("ci@x.example"), None).match is Match.BOT
    assert people.who(mail("b@x.example"), None).match is Match.NONE


def test_spells_of_one_worker_are_one_person() -> None:
    people = link(
        [
            snapshot(
                worker("000123", "n@x.example", start="2022-01-01"),
                worker("000123", "n@x.example", start="2018-01-01", end="2020-01-01"),
            )
        ]
    )
    (person,) = people.persons.values()
    assert person.id == "000123"
    assert [spell.spell for spell in person.spells] == ["2018-01-01", "2022-01-01"]
    assert people.who(mail("n@x.example"), day("2019-01-01")).person == "000123"


@pytest.mark.parametrize(
    ("joined", "expected"),
    [
        (account("jd", "old@x.example", worker_id="1"), "1"),
        (account("jd", "a@x.example"), "1"),
        (account("jd", "other@x.example"), "directory:jd"),
        (account("jd", "other@x.example", worker_id="9"), "directory:jd"),
    ],
)
def test_an_account_joins_by_worker_id_then_by_address(joined: object, expected: str) -> None:
    people = link(
        [
            snapshot(worker("1", "a@x.example")),
            snapshot(accounts=(joined,), feed="ldap"),  # type: ignore[arg-type]
        ]
    )
    assert people.who(Identity("login", "JD"), None).person == expected


def test_an_alias_of_the_directory_names_the_worker() -> None:
    people = link(
        [
            snapshot(worker("1", "a@x.example", end="2024-01-31")),
            snapshot(accounts=(account("a", "alias@x.example", worker_id="1"),), feed="ldap"),
        ]
    )
    assert people.who(mail("alias@x.example"), day("2023-01-01")).match is Match.HELD


def said(
    identity: Identity, person: str, *, holds: bool = True, since: str = "", until: str = ""
) -> Correction:
    first, last = (day(text) if text else None for text in (since, until))
    return Correction(
        identity, PersonId(person), holds, first, last, "boss", "known", day("2026-01-01")
    )


SAM = mail("sam@x.example")
CREW = [snapshot(worker("1", "sam@x.example", start="2019-01-01", end="2023-03-31"), worker("2", "sam@x.example", start="2024-02-01"), worker("3"))]  # fmt: skip


@pytest.mark.parametrize(
    ("corrections", "at", "match", "person"),
    [
        ((), "2022-05-05", Match.HELD, "1"),
        ((said(SAM, "3"),), "2022-05-05", Match.HELD, "3"),
        ((said(SAM, "3", since="2023-01-01"),), "2022-05-05", Match.HELD, "1"),
        ((said(SAM, "3", until="2022-12-31"),), "2022-05-05", Match.HELD, "3"),
        ((said(SAM, "1", holds=False),), "2022-05-05", Match.OUTSIDE, "2"),
        ((said(SAM, "1", holds=False), said(SAM, "1")), "2022-05-05", Match.HELD, "1"),
        ((said(SAM, "3"), said(SAM, "3", holds=False)), "2022-05-05", Match.HELD, "1"),
        ((said(SAM, "2"), said(SAM, "3")), "2022-05-05", Match.AMBIGUOUS, None),
        ((said(SAM, "gone"),), "2022-05-05", Match.HELD, "1"),
    ],
    ids=["none", "another", "later", "earlier", "not hers", "hers after all", "not his after all", "two", "unknown person"],
)  # fmt: skip
def test_what_people_say_stands_above_what_feeds_say(
    corrections: tuple[Correction, ...], at: str, match: Match, person: str | None
) -> None:
    found = link(CREW, corrections).who(SAM, day(at))
    assert (found.match, found.person) == (match, person)


def test_a_bot_by_its_form_may_be_somebody_by_correction() -> None:
    root = mail("root@laptop")
    assert link(CREW, (said(root, "3"),)).who(root, None).person == "3"
    assert link(CREW).who(root, None).match is Match.BOT


def test_a_correction_says_who_made_it() -> None:
    assert link(CREW, (said(SAM, "3"),)).who(SAM, None).source == "correction by boss"
