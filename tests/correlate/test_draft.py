"""A ticket says what to do, names nobody outside its restricted part, and is stable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from correlate import case as moves
from correlate.break_glass import RESEAL, REVIEW
from correlate.codec import encode
from correlate.draft import PLACES_SHOWN, closing, digest, draft, place, reopening
from correlate.kind import Kind, Survival
from correlate.linking import link
from correlate.model import KindId, Liveness, LivenessState, PersonId, Truth
from correlate.verdict import Case, CaseKind, CaseState, Decision, Departure, Ground, Person
from tests.correlate.cast import FP, NOW, answer, author, exposure, snapshot, worker

KIND = Kind(
    KindId("kind"), "issuer", "Some token", "x", ("x",), "source", "x",
    survival=Survival("survives", "It outlives the account.", "https://issuer.example/doc"),
    revoke_hint="Revoke it at Settings.",
)  # fmt: skip
WHO = PersonId("1")
DECISION = Decision(
    CaseKind.F1, FP, KIND.id, WHO,
    Departure(WHO, "s", NOW - timedelta(days=3), "hr"), (Ground("the issuer says so", "issuer", 0.95),),
)  # fmt: skip
HELD = moves.open_case(DECISION, answer(), NOW)
PERSON = link([snapshot(worker("1", "jane@x.example"))]).persons[WHO]
PLACES = [exposure(author("jane@x.example", "2025-01-01"))]


def text(case: Case = HELD, said: Liveness | None = None, part: str = "all") -> str:
    made = draft(case, KIND, PLACES, said or answer(), PERSON)
    return repr({"body": made.body, "restricted": made.restricted}.get(part, made))


def test_a_ticket_says_what_where_and_what_to_do() -> None:
    made = text()
    for part in (
        "Some token", FP.short, "payments: a.py", "commit cccccccccccc", "Revoke it at Settings.",
        "It outlives the account.", "https://issuer.example/doc", HELD.key,
    ):  # fmt: skip
        assert part in made


def test_the_person_is_named_in_the_restricted_part_only() -> None:
    assert "Person 1" in text(part="restricted")
    assert "Person 1" not in text(part="body")
    assert "Person 1" not in draft(HELD, KIND, PLACES, answer(), PERSON).title


@pytest.mark.parametrize(("days", "said"), [(1, True), (-1, False)])
def test_a_use_after_the_leave_is_told_with_the_person(days: int, said: bool) -> None:
    assert HELD.departure is not None
    used = replace(answer(), last_used_at=HELD.departure.effective_at + timedelta(days=days))
    assert ("Used since then" in text(said=used, part="restricted")) is said
    assert "Used since then" not in text(said=used, part="body")


def test_looking_again_does_not_change_the_text() -> None:
    later = replace(HELD, changed_at=NOW + timedelta(days=1), last_live_at=NOW)
    again = draft(later, KIND, PLACES, answer(at=NOW + timedelta(days=1)), PERSON)
    assert digest(again) == digest(draft(HELD, KIND, PLACES, answer(), PERSON))


def test_a_new_place_does() -> None:
    more = [*PLACES, exposure(author("jane@x.example", "2025-01-01"), path="b.py")]
    assert digest(draft(HELD, KIND, more, answer(), PERSON)) != digest(
        draft(HELD, KIND, PLACES, answer(), PERSON)
    )


def test_many_places_are_counted_not_listed() -> None:
    many = [exposure(path=f"{n}.py") for n in range(PLACES_SHOWN + 7)]
    assert "and 7 more" in repr(draft(HELD, KIND, many, answer(), PERSON))


@pytest.mark.parametrize(
    ("survival", "words"),
    [
        (Survival("dies", "Ends with it.", "https://x.example"), "Ends with it. Source: https://x"),
        (Survival("unknown", "Some stay."), "Some stay."),
        (Survival("survives"), "does not stop this credential"),
        (Survival("dies"), "ends with the person's account at the issuer"),
        (Survival("blocked"), "refused while the person's account is disabled"),
    ],
)
def test_a_ticket_says_what_a_disabled_account_does(survival: Survival, words: str) -> None:
    made = draft(HELD, replace(KIND, survival=survival), PLACES, answer(), PERSON)
    assert words in repr(made.body)


def test_of_a_disabled_account_nothing_is_said_where_nothing_is_known() -> None:
    made = draft(HELD, replace(KIND, survival=Survival("unknown")), PLACES, answer(), PERSON)
    assert "account" not in repr(made.body)


@pytest.mark.parametrize(
    ("at_tip", "reachable", "words"),
    [
        (Truth.YES, Truth.YES, "file"),
        (Truth.NO, Truth.YES, "no longer at the tip"),
        (Truth.NO, Truth.NO, "no branch or tag reaches"),
    ],
)
def test_a_place_says_whether_it_still_stands(at_tip: Truth, reachable: Truth, words: str) -> None:
    (found,) = PLACES
    assert found.trace is not None
    moved = replace(found, trace=replace(found.trace, at_tip=at_tip, reachable=reachable))
    assert words in place(moved)


def test_closing_names_each_rejection() -> None:
    held = HELD
    for minutes in (1, 20):
        at = NOW + timedelta(minutes=minutes)
        held = moves.advance(held, answer(LivenessState.DEAD, at=at), timedelta(minutes=10), at)
    assert held.state is CaseState.CLOSED
    assert closing(held).count("issuer.example answered 200") == 2
    assert "2026-11-20 09:20:00 UTC" in closing(held)


def test_a_void_case_says_why() -> None:
    assert "reversed" in closing(replace(HELD, state=CaseState.VOID, note="reversed"))


def test_reopening_says_that_the_issuer_accepts_it() -> None:
    assert "accepts this credential" in reopening(HELD, answer())


def test_an_orphans_ticket_names_nobody() -> None:
    orphan = moves.open_case(
        replace(DECISION, kind=CaseKind.F3, person=None, departure=None, grounds=()), answer(), NOW
    )
    made = draft(orphan, KIND, PLACES, answer(), None)
    assert "nobody could be named" in repr(made.restricted)
    assert encode(made)


def test_an_exception_is_told_in_the_restricted_part_and_past_its_end_how_to_renew_it() -> None:
    rows = (("Approved by", "Person 9 (9)"),)
    for person in (PERSON, replace(PERSON, restricted=True)):
        made = draft(HELD, KIND, PLACES, answer(), person, exceptions=rows)
        assert "Person 9" in repr(made.restricted)
        assert "Person 9" not in repr(made.body)
    late = text(moves.open_case(replace(DECISION, kind=CaseKind.F7, departure=None), answer(), NOW))
    assert "offkey except renew" in late
    assert "or the exception is renewed" in late


def test_a_case_that_an_exception_holds_off_is_closed_for_a_time_and_reopened_with_the_reason() -> (
    None
):
    held = moves.on_exception(HELD, "ex-1", NOW + timedelta(days=30), NOW)
    assert closing(held) == (
        "Closed for a time: exception ex-1 holds until 2026-12-20. It is opened again when that is over."
    )
    again = moves.off_exception(held, "its approver has left", NOW)
    assert reopening(again, answer()).startswith(
        "Exception ex-1 holds no longer: its approver has left. The issuer accepts"
    )


def test_a_close_by_the_issuers_list_says_so() -> None:
    proof = replace(answer(LivenessState.DEAD), method="list", host="gh", reason="it is gone")
    text = closing(replace(HELD, rejections=(proof, proof)))
    assert "no longer lists the credential as valid" in text
    assert "the list gh: it is gone" in text


def test_who_inherits_is_named_in_the_restricted_part_only() -> None:
    rows = (
        ("Successor", "Omar (2), asked on 2026-11-01, has not accepted"),
        ("Escalated to", "Maya"),
    )
    made = draft(HELD, KIND, PLACES, answer(), PERSON, None, rows)
    assert all(label in repr(made.restricted) for label, _ in rows)
    assert "Omar" not in repr(made.body)
    assert "not a remedy" in repr(made.body)


@pytest.mark.parametrize("kind", CaseKind)
def test_under_a_legal_hold_nothing_is_to_be_deleted_or_rewritten(kind: CaseKind) -> None:
    held = replace(PERSON, spells=(replace(PERSON.spells[0], legal_hold=True),))
    made = draft(replace(HELD, kind=kind), KIND, PLACES, answer(), held)
    assert "Delete or rewrite nothing" in repr(made.body)
    for advice in ("take it out", "clear it", "Deleting the text"):
        assert advice not in repr(made)
    assert "Legal hold" in repr(made.restricted)
    assert "Legal hold" not in text(replace(HELD, kind=kind))


@pytest.mark.parametrize("kind", CaseKind)
@pytest.mark.parametrize("hold", [True, False])
def test_a_break_glass_credential_is_sealed_anew_by_two_and_not_revoked(
    kind: CaseKind, hold: bool
) -> None:
    held = replace(PERSON, spells=(replace(PERSON.spells[0], legal_hold=hold),))
    case = replace(HELD, kind=kind)
    made = draft(case, KIND, PLACES, answer(), held, break_glass=True)
    assert RESEAL in repr(made.body)
    assert REVIEW in repr(made.body)
    assert re.findall("(.{6})revoke", repr(made), re.IGNORECASE) == ["never "]
    assert ("Delete or rewrite nothing" in repr(made.body)) is hold
    assert "revoke" in repr(draft(case, KIND, PLACES, answer(), held)).casefold()


@pytest.mark.parametrize(("hours", "said"), [(-1, ""), (1, "possibly"), (27, "yes")])
def test_where_the_zone_is_not_known_a_use_in_between_is_possibly_after(
    hours: int, said: str
) -> None:
    left = HELD.departure
    assert left is not None
    late = replace(left, latest_at=left.effective_at + timedelta(hours=26))
    used = replace(answer(), last_used_at=left.effective_at + timedelta(hours=hours))
    made = text(replace(HELD, departure=late), used, "restricted")
    assert "the time zone is not known" in made
    assert (f"'{said}, says the issuer'" in made) is bool(said)


def test_words_about_a_leave_fit_every_leave() -> None:
    """Whoever died, was dismissed or resigned has left: nothing else is said."""
    for kind in CaseKind:
        made = repr(draft(replace(HELD, kind=kind), KIND, PLACES, answer(), PERSON)).casefold()
        for word in ("dismiss", "terminat", "resign", "fired", "deceased", "death", "died"):
            assert word not in made


SENSITIVE = {
    "restricted by an operator": replace(PERSON, restricted=True),
    "under a legal hold": replace(PERSON, spells=(replace(PERSON.spells[0], legal_hold=True),)),
}


@pytest.mark.parametrize("person", SENSITIVE.values(), ids=SENSITIVE)
def test_of_a_sensitive_person_only_the_restricted_part_tells(person: Person) -> None:
    made = draft(HELD, KIND, PLACES, answer(), person, None, (("Successor", "none yet"),))
    public, apart = repr((made.title, made.body)), repr(made.restricted)
    for hint in (
        "Person 1", "left", "leave", "successor", "hold", "F1", "a.py", "account", "departure",
    ):  # fmt: skip
        assert hint not in public.replace(HELD.key, "")
    for part in (
        "Person 1",
        "someone who has left",
        "a.py",
        "none yet",
        "outlives",
        "issuer says so",
    ):
        assert part in apart
    assert made.sensitive
    assert "Delete or rewrite nothing" in public
    assert KIND.revoke_hint in public


def test_why_a_sensitive_case_fell_away_is_not_said() -> None:
    void = replace(HELD, state=CaseState.VOID, note="the departure was reversed")
    assert "departure" in closing(void)
    assert "departure" not in closing(void, sensitive=True)
