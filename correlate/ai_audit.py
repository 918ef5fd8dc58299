"""Who could change what a model or an agent is told, learns from, is approved by and leaves in its logs,
in a stretch of time. What the evidence supports:

an act             a commit, or an edit, within the time: yes. Earlier: they could then; whether they could
                   still is not known.
a right to change  as its forge tells it: yes, for the time it is known to reach over.
they committed     yes at that time only. Whether they could later is not known.
a right to read    not known: nobody told of more.

Nobody is ever cleared: who is not named was not seen, which is no "no".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from correlate.ai_project import Role
from correlate.model import PersonId, Right, Truth
from correlate.stored import Lifespan
from correlate.verdict import Standing, StandingState

Who = tuple[PersonId | None, str]  # a person; or an account that is nobody's whom we know


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, both ends included; `now` is when the question was asked."""

    since: datetime
    until: datetime
    now: datetime

    def has(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.since <= at <= self.until


@dataclass(frozen=True, slots=True)
class Act:
    """That somebody changed a text, as its `how` ("author", "owner"): `at` None where nobody dates it."""

    who: Who
    roles: tuple[Role, ...]
    where: str
    how: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """That somebody could read a container, and what is known of their right to change it."""

    who: Who
    where: str
    why: str
    right: Right
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Changer:
    """Somebody who could change a project, or of whom it is not known. `left_at`: they have left."""

    who: Who
    could: Truth
    roles: tuple[Role, ...]
    reasons: tuple[str, ...]
    left_at: datetime | None = None


class _Reason(NamedTuple):
    could: Truth
    text: str
    roles: tuple[Role, ...]


def changers(
    acts: Iterable[Act],
    grants: Iterable[Grant],
    roles: tuple[Role, ...],
    window: Window,
    standings: Mapping[PersonId, Standing],
) -> tuple[Changer, ...]:
    """Return everybody seen who could change a project of these roles, those who have left first, each
    with why; then those of whom it is not known.
    """
    reasons: dict[Who, list[_Reason]] = defaultdict(list)
    for who, reason in _of_acts(acts, window, standings):
        reasons[who].append(reason)
    for grant in grants:
        said = _of_grant(grant, window, standings)
        if said is not None:
            reasons[grant.who].append(_Reason(*said, roles))
    made = [_changer(who, found, standings) for who, found in reasons.items()]
    return tuple(sorted(made, key=_leavers_first))


def alive_in(span: Lifespan, created_at: datetime | None, window: Window) -> Truth:
    """Return whether a credential was live at some time in the window, by its issuer's answers.

    Who was live at an instant was live before, from its making on.
    """
    if created_at is not None and created_at > window.until:
        return Truth.NO
    if span.live_at is not None and span.live_at >= window.since:
        made_before = created_at is not None or span.live_at <= window.until
        return Truth.YES if made_before else Truth.UNKNOWN
    if span.dead_at is not None and span.dead_at < window.since:
        return Truth.NO
    return Truth.UNKNOWN


def left_at(person: PersonId | None, standings: Mapping[PersonId, Standing]) -> datetime | None:
    """Return when somebody left who has left."""
    held = standings.get(person) if person is not None else None
    if held is None or held.state is not StandingState.LEFT or held.departure is None:
        return None
    return held.departure.effective_at


def _of_acts(
    acts: Iterable[Act], window: Window, standings: Mapping[PersonId, Standing]
) -> Iterator[tuple[Who, _Reason]]:
    groups: dict[tuple[Who, str, tuple[Role, ...], Truth], list[Act]] = defaultdict(list)
    for act in acts:
        could = _acted(act, window, left_at(act.who[0], standings))
        if could is not Truth.NO:
            groups[act.who, act.how, act.roles, could].append(act)
    for (who, _, roles, could), some in groups.items():
        yield who, _Reason(could, _act_in_words(some, could, left_at(who[0], standings)), roles)


def _acted(act: Act, window: Window, left: datetime | None) -> Truth:
    """Return what an act says of the window; NO: nothing."""
    if act.at is None:
        return Truth.UNKNOWN if left is not None and left < window.since else Truth.YES
    if act.at > window.until:
        return Truth.NO
    return Truth.YES if act.at >= window.since else Truth.UNKNOWN


def _act_in_words(acts: Sequence[Act], could: Truth, left: datetime | None) -> str:
    dated = sorted(act.at for act in acts if act.at is not None)
    places = sorted({act.where for act in acts})
    more = f" and {len(places) - 1} more" if len(places) > 1 else ""
    text = f"{acts[0].how} of {places[0]}{more}"
    if dated:
        last = f" to {dated[-1]:%Y-%m-%d}" if len(dated) > 1 and dated[-1] != dated[0] else ""
        text += f", {dated[0]:%Y-%m-%d}{last}"
    else:
        text += ", undated"
    if left is not None and dated and dated[-1] > left:
        text += ", after they left"
    if could is not Truth.YES:
        text += "; whether they could in this time is not seen"
    return text


def _of_grant(
    grant: Grant, window: Window, standings: Mapping[PersonId, Standing]
) -> tuple[Truth, str] | None:
    """Return what a right says of the window, and None where it does not reach into it."""
    if grant.until is not None and grant.until < window.since:
        return None
    if grant.since is not None and grant.since > window.until:
        return None
    span = _span_in_words(grant)
    text = f"{grant.why} ({grant.where}{span})"
    if grant.right is Right.READ:
        return Truth.UNKNOWN, f"{text}; only the right to read is told"
    if grant.right is Right.WROTE:
        if grant.since is not None and window.has(grant.since):
            return Truth.YES, text
        return Truth.UNKNOWN, f"{text}; whether they could in this time is not seen"
    left = left_at(grant.who[0], standings)
    known_from = grant.since or grant.until or window.now
    if known_from > window.until:
        return Truth.UNKNOWN, f"{text}; since when is not told"
    if left is not None and left < min(grant.until or window.now, window.until):
        text += ", still after they left"
    return Truth.YES, text


def _span_in_words(grant: Grant) -> str:
    since = f", since {grant.since:%Y-%m-%d}" if grant.since else ""
    until = f", until {grant.until:%Y-%m-%d}" if grant.until else ""
    return f"{since}{until}"


def _changer(who: Who, found: Sequence[_Reason], standings: Mapping[PersonId, Standing]) -> Changer:
    could = Truth.YES if any(one.could is Truth.YES for one in found) else Truth.UNKNOWN
    counted = [one for one in found if one.could is could]
    held = {role for one in counted for role in one.roles}
    ordered = sorted(found, key=lambda one: (one.could is not Truth.YES, one.text))
    texts = tuple(dict.fromkeys(one.text for one in ordered))
    roles = tuple(role for role in Role if role in held)
    return Changer(who, could, roles, texts, left_at(who[0], standings))


def _leavers_first(one: Changer) -> tuple[bool, bool, str, str]:
    return one.could is not Truth.YES, one.left_at is None, one.who[0] or "", one.who[1]


def could_change(found: Iterable[Changer]) -> Collection[PersonId]:
    """Return the persons among them of whom it is known that they could."""
    return {one.who[0] for one in found if one.could is Truth.YES and one.who[0] is not None}
