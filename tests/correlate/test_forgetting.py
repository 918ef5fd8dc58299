"""Who is forgotten is named nowhere; what is somebody else's, and where credentials stand, stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import case as moves
from correlate.codec import decode, encode
from correlate.forgetting import Eraser, is_reference, named, unlinked, without_them
from correlate.linking import link
from correlate.model import Exposure, Identity, KindId, LivenessState, PersonId
from correlate.verdict import Case, CaseKind, CaseState, Decision, Departure, Ground, Named, Person
from tests.correlate.cast import (
    FP,
    NOW,
    account,
    answer,
    author,
    exposure,
    mail,
    snapshot,
    worker,
)

REF = "person:0123"
JANE = replace(worker("70001", "jane@x.example", login="jane-doe"), name="Jane Doe")
HERS = account("jdoe", "jane@x.example", worker_id="70001")
(WHO,) = link([snapshot(JANE, accounts=(HERS,))]).persons.values()


def known(others: tuple[Identity, ...] = (), namesakes: tuple[str, ...] = ()) -> Named:
    held = {hold.identity for hold in WHO.holdings}
    return named(WHO, held, REF, others, namesakes)


ERASER = Eraser([known()])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Jane Doe wrote it", f"{REF} wrote it"),
        ("JANE DOE, jane@x.example.", f"{REF}, {REF}."),
        ("mail:Jane@X.example", f"mail:{REF}"),
        ("id 70001", f"id {REF}"),
        ("jane@x.example.org", "jane@x.example.org"),
        ("mary-jane@x.example", "mary-jane@x.example"),
        ("Jane Doerr and 170001", "Jane Doerr and 170001"),
        ("jane-doe@y.example", "jane-doe@y.example"),
        ("", ""),
    ],
)
def test_whole_words_are_replaced(text: str, after: str) -> None:
    assert ERASER.text(text) == after


def test_an_accented_name_is_found_however_it_is_written() -> None:
    for written in ("Zoë Weiß", "ZOE\u0308 WEISS", "zoë weiss"):
        who = Person(PersonId("1"), "Zoë Weiß")
        assert Eraser([named(who, (), REF, (), ())]).text(f"by {written}.") == f"by {REF}."


@pytest.mark.parametrize(
    ("plain", "after"),
    [
        ({"person": "70001"}, {"person": REF}),
        ({"workers": [{"manager": "70001"}]}, {"workers": [{"manager": REF}]}),
        ({"by": "jane@x.example"}, {"by": REF}),
        ({"line": 70001, "ok": True, "none": None}, {"line": 70001, "ok": True, "none": None}),
        ({"locator": {"item": "home/jane-doe"}, "path": "Jane Doe"}, None),
        ({"system": "github", "handle": "Jane-Doe"}, {"system": "github", "handle": REF}),
        ({"system": "gitlab", "handle": "jane-doe"}, None),
        (
            {"system": "mail", "handle": "9+jane-doe@users.noreply.github.com"},
            {"system": "mail", "handle": REF},
        ),
    ],
)
def test_what_names_them_in_plain_data_is_replaced_and_nothing_else(plain: Any, after: Any) -> None:
    assert ERASER.plain(plain) == (plain if after is None else after)


def test_what_others_go_by_too_stays_theirs() -> None:
    eraser = Eraser([known((mail("jane@x.example"),), ("jane doe",))])
    assert eraser.text("Jane Doe jane@x.example 70001") == f"Jane Doe jane@x.example {REF}"
    assert eraser.plain(encode(mail("jane@x.example"))) == encode(mail("jane@x.example"))


def test_a_short_number_is_replaced_only_where_it_says_whose_it_is() -> None:
    eraser = Eraser([named(Person(PersonId("7"), "Al"), (), REF, (), ())])
    assert eraser.plain({"person": "7", "text": "7 of Al"}) == {"person": REF, "text": "7 of Al"}


def test_a_place_is_found_again_after_its_author_was_forgotten() -> None:
    before = exposure(author("jane@x.example", "2025-01-01"), path="jane-doe/a.py")
    after = decode(Exposure, ERASER.plain(encode(before)))
    assert after.locator == before.locator
    assert after.trace is not None
    assert after.trace.path == "jane-doe/a.py"
    assert after.trace.introduced[0].identity == mail(REF)


@given(st.recursive(st.text(alphabet="Jane Do\u0308@x7", max_size=12) | st.integers(), st.lists))
def test_erasing_twice_is_erasing_once(plain: Any) -> None:
    once = ERASER.plain(plain)
    assert ERASER.plain(once) == once


def ended() -> Case:
    grounds = (Ground("Jane Doe's", "issuer", 0.9),)
    left = Departure(WHO.id, "s", NOW, "hr")
    decision = Decision(CaseKind.F1, FP, KindId("kind"), WHO.id, left, grounds)
    dead = replace(answer(LivenessState.DEAD, mail("jane@x.example")), owner_name="Jane Doe")
    return replace(
        moves.open_case(decision, answer(), NOW),
        state=CaseState.CLOSED, closed_at=NOW, rejections=(dead, dead), note="Jane Doe came back",
    )  # fmt: skip


def test_an_ended_case_keeps_its_proof_and_names_nobody() -> None:
    before, after = ended(), unlinked(ended(), REF)
    assert (after.person, after.departure, after.grounds, after.note) == (REF, None, (), "")
    assert (after.key, after.closed_at, after.severity) == (before.key, NOW, before.severity)
    assert [one.at for one in after.rejections] == [one.at for one in before.rejections]
    assert ERASER.plain(encode(after)) == encode(after)
    assert is_reference(str(after.person))
    assert not is_reference(str(before.person))


def test_a_case_that_is_decided_upon_again_is_held_against_them_again() -> None:
    held = ended()
    decision = Decision(held.kind, FP, KindId("kind"), WHO.id, held.departure, held.grounds)
    alive = moves.advance(unlinked(held, REF), answer(), timedelta(0), NOW)
    again = moves.renew(alive, decision, answer(), NOW)
    assert (again.person, again.state) == (WHO.id, CaseState.OPEN)


def test_a_memory_loses_their_rows_and_accounts_and_nobody_elses() -> None:
    same_number = replace(worker("70001", "omar@y.example"), name="Omar")
    boss = replace(JANE, manager=same_number.worker_id)
    taken = snapshot(boss, same_number, accounts=(HERS, account("omar")))
    kept = without_them(taken, [WHO])
    assert [one.name for one in kept.workers] == ["Omar"]
    assert [one.login for one in kept.accounts] == ["omar"]
