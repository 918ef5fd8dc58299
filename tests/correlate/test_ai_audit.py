"""Who could change a project is said as far as the evidence goes: reading is no changing, and was is no is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from correlate.ai_audit import (
    Act,
    Changer,
    Grant,
    Window,
    alive_in,
    changers,
    could_change,
    left_at,
)
from correlate.ai_project import Role
from correlate.model import PersonId, Right, Truth
from correlate.stored import Lifespan
from correlate.verdict import Departure, Standing, StandingState
from tests.correlate.cast import NOW, day

JANE, OMAR = (PersonId("1"), ""), (PersonId("2"), "")
LEFT = Departure(PersonId("1"), "s", day("2026-03-15"), "hr")
STANDINGS = {
    PersonId("1"): Standing(StandingState.LEFT, LEFT),
    PersonId("2"): Standing(StandingState.HERE),
}
WINDOW = Window(day("2026-03-01"), day("2026-03-31"), NOW)
BEFORE, DURING, LATE, AFTER = map(day, ("2026-02-01", "2026-03-10", "2026-03-20", "2026-05-01"))
ROLES = (Role.PROMPTS, Role.LOGS)


def act(at: datetime | None, how: str = "author", roles: tuple[Role, ...] = (Role.PROMPTS,)) -> Act:
    return Act(OMAR, roles, "bot:prompts/a.txt", how, at)


def grant(right: Right, since: datetime | None = None, until: datetime | None = None) -> Grant:
    return Grant(OMAR, "bot", "a member", right, since, until)


def judged(*evidence: Act | Grant, window: Window = WINDOW) -> tuple[Changer, ...]:
    acts = [one for one in evidence if isinstance(one, Act)]
    grants = [one for one in evidence if isinstance(one, Grant)]
    return changers(acts, grants, ROLES, window, STANDINGS)


@pytest.mark.parametrize(
    ("evidence", "could"),
    [
        (act(DURING), Truth.YES),
        (act(WINDOW.since), Truth.YES),
        (act(BEFORE), Truth.UNKNOWN),
        (act(AFTER), None),
        (act(None, "owner"), Truth.YES),
        (grant(Right.WRITE, BEFORE), Truth.YES),
        (grant(Right.WRITE, BEFORE, DURING), Truth.YES),
        (grant(Right.WRITE, None, DURING), Truth.YES),
        (grant(Right.WRITE, BEFORE, BEFORE), None),
        (grant(Right.WRITE, AFTER), None),
        (grant(Right.WRITE), Truth.UNKNOWN),  # a member today: since when, nobody tells
        (grant(Right.WROTE, DURING), Truth.YES),
        (grant(Right.WROTE, BEFORE), Truth.UNKNOWN),
        (grant(Right.WROTE), Truth.UNKNOWN),
        (grant(Right.READ, BEFORE), Truth.UNKNOWN),
        (grant(Right.READ, BEFORE, BEFORE), None),
    ],
)
def test_each_sort_of_evidence_supports_so_much(evidence: Act | Grant, could: Truth | None) -> None:
    assert [one.could for one in judged(evidence)] == ([] if could is None else [could])


def test_a_right_that_stands_today_covers_a_window_that_ends_today() -> None:
    now = replace(WINDOW, until=NOW)
    assert judged(grant(Right.WRITE), window=now)[0].could is Truth.YES


def test_what_is_only_read_is_said_to_be() -> None:
    (one,) = judged(grant(Right.READ, BEFORE))
    assert one.roles == ROLES
    assert one.reasons == ("a member (bot, since 2026-02-01); only the right to read is told",)


def test_roles_are_of_what_was_acted_on_and_the_rest_is_not_known() -> None:
    (one,) = judged(act(DURING), grant(Right.READ))
    assert (one.could, one.roles) == (Truth.YES, (Role.PROMPTS,))
    assert len(one.reasons) == 2
    assert one.reasons[0].startswith("author of")
    (one,) = judged(act(DURING), grant(Right.WRITE, BEFORE))
    assert one.roles == ROLES


def test_many_acts_are_told_in_one_line() -> None:
    acts = [replace(act(DURING + timedelta(days=n)), where=f"bot:prompts/{n}") for n in range(9)]
    (one,) = judged(*acts)
    assert one.reasons == ("author of bot:prompts/0 and 8 more, 2026-03-10 to 2026-03-18",)


@pytest.mark.parametrize(
    ("evidence", "word"),
    [
        (act(LATE), "after they left"),
        (act(DURING), ""),
        (grant(Right.WRITE, BEFORE), "still after they left"),
        (grant(Right.WRITE, BEFORE, LEFT.effective_at), ""),
    ],
)
def test_a_leavers_act_or_right_after_the_leave_is_told(evidence: Act | Grant, word: str) -> None:
    (one,) = judged(replace(evidence, who=JANE))
    assert one.left_at == LEFT.effective_at
    assert ("after they left" in one.reasons[0]) is bool(word)
    assert word in one.reasons[0]


def test_who_left_before_is_not_said_to_own_on() -> None:
    later = Window(day("2026-04-01"), day("2026-04-30"), NOW)
    (one,) = judged(replace(act(None, "owner"), who=JANE), window=later)
    assert one.could is Truth.UNKNOWN


def test_leavers_come_first_and_then_those_of_whom_it_is_not_known() -> None:
    nobody = (None, "mail:who@x.example")
    found = judged(
        grant(Right.READ), replace(act(DURING), who=nobody), replace(act(DURING), who=JANE)
    )
    assert [one.who for one in found] == [JANE, nobody, OMAR]
    assert could_change(found) == {PersonId("1")}


@pytest.mark.parametrize(
    ("live", "dead", "made", "alive"),
    [
        (DURING, None, None, Truth.YES),
        (AFTER, None, BEFORE, Truth.YES),  # live later, and made before
        (AFTER, None, None, Truth.UNKNOWN),
        (AFTER, None, AFTER, Truth.NO),
        (BEFORE, DURING, None, Truth.UNKNOWN),
        (BEFORE, BEFORE, None, Truth.NO),
        (None, BEFORE, None, Truth.NO),
        (None, AFTER, BEFORE, Truth.UNKNOWN),
        (None, None, None, Truth.UNKNOWN),
    ],
)
def test_a_credential_was_live_then_as_far_as_its_answers_tell(
    live: datetime | None, dead: datetime | None, made: datetime | None, alive: Truth
) -> None:
    assert alive_in(Lifespan(live, dead), made, WINDOW) is alive


def test_only_who_has_left_has_a_leave() -> None:
    assert left_at(JANE[0], STANDINGS) == LEFT.effective_at
    assert left_at(OMAR[0], STANDINGS) is None
    assert left_at(PersonId("9"), STANDINGS) is None
    assert left_at(None, STANDINGS) is None
