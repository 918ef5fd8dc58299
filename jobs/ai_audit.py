"""The on-demand audit of AI projects: who, and which credentials, could change what they are told, learn
from, are approved by and log, in a stretch of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from correlate.ai_audit import Act, Changer, Grant, Who, Window, changers
from correlate.ai_means import Layer, Means, layers
from correlate.ai_project import AiProject, Role
from correlate.errors import OffkeyError
from correlate.identity import handles
from correlate.kind import Kind
from correlate.model import Change, KindId, Place, Reader, Right, Truth
from correlate.ports_store import Store
from correlate.verdict import RESTRICTED
from jobs.ai_credentials import entries, means, proofs
from jobs.ai_look import Field, Look, Sources, path_of, survey
from jobs.exception_book import book_of
from jobs.people import circle


@dataclass(frozen=True, slots=True)
class Changed:
    """One who could change a project, as they are shown: restricted people by no name."""

    person: str
    name: str
    could: Truth
    roles: tuple[Role, ...]
    left_at: datetime | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProjectAudit:
    """The answer on one project. `gaps` say what was not looked at."""

    project: AiProject
    places: tuple[str, ...]
    people: tuple[Changed, ...]
    credentials: tuple[Means, ...]
    layers: tuple[Layer, ...]
    gaps: tuple[str, ...]


def audit(
    store: Store,
    kinds: Mapping[KindId, Kind],
    asked: Sources,
    configured: Sequence[AiProject],
    window: Window,
    only: str = "",
) -> list[ProjectAudit]:
    """Return the answer on each project, those configured first, or on the `only` one of that name.

    Reads the history of their repositories where a source can tell it. A leave under embargo is not
    told of.
    """
    with store.transaction() as tx:
        known = survey(tx, configured)
    wanted = [one for one in known.projects if only in ("", one.name)]
    # no transaction stays open while git reads: others have to write
    told = [_history(asked, one, _places(known, one), window) for one in wanted]
    with store.transaction() as tx:
        met = circle(tx, window.now)
        return [
            _audited(Look(tx, kinds, met, window, one, _places(known, one), asked), history)
            for one, history in zip(wanted, told, strict=True)
        ]


@dataclass(slots=True)
class _History:
    """What was told of changes, each with its container, and what was not."""

    changes: list[tuple[str, Change]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def _history(
    asked: Sources, project: AiProject, places: Iterable[Place], window: Window
) -> _History:
    found = _History()
    for source, container in places:
        teller = asked.tellers.get(source)
        try:
            for one in teller.changes(container, window.since, window.until) if teller else ():
                if project.roles(one.path):
                    found.changes.append((container, one))
        except OffkeyError as error:
            found.gaps.append(f"{container}: its history could not be read whole ({error.what})")
    return found


def _places(known: Field, project: AiProject) -> list[Place]:
    return sorted(place for place in known.places if project.holds(place))


def _audited(look: Look, history: _History) -> ProjectAudit:
    look.gaps += history.gaps
    if not look.places:
        look.gaps.append("none of its places is known: check the names, and that they are scanned")
    acts = [*_acts(look, history.changes), *_approvals(look)]
    grants = list(_grants(look))
    roles = look.project.stated()
    found = changers(acts, grants, roles, look.window, look.met.staff.standings)
    held = means(look, found)
    lasting = {one.who for one in grants if one.right is Right.WRITE and one.until is None}
    log_writers = sum(Role.LOGS in one.roles and one.could is Truth.YES for one in found)
    return ProjectAudit(
        look.project,
        tuple(":".join(place) for place in look.places),
        tuple(_shown(found, look)),
        tuple(held),
        layers(held, len(lasting), tuple(proofs(look, held)), entries(look, held), log_writers),
        tuple(look.gaps),
    )


def _acts(look: Look, told: Iterable[tuple[str, Change]]) -> list[Act]:
    """Return the changes as acts, with what is known of texts with secrets: commits too to which no ref
    leads any more, and whose notebooks are.
    """
    changes = list(told)
    for one in look.exposures():
        touches = one.trace.introduced if one.trace is not None else ()
        # of one commit, whoever is its author and its committer is told of as the author
        once = {(touch.identity, touch.commit): touch for touch in reversed(touches)}.values()
        changes += ((one.locator.container, Change(path_of(one), touch)) for touch in once)
    look.met.ask(handles(change.touch.identity for _, change in changes))
    return [
        Act(who, roles, f"{container}:{change.path}", change.touch.role, change.touch.at)
        for container, change in changes
        if (roles := look.project.roles(change.path))
        for who in _who_did(look, change)
    ]


def _approvals(look: Look) -> Iterator[Act]:
    """Yield who approved that a credential of the project may live on."""
    inside = look.tx.scans.standing_in(look.places)
    for one in book_of(look.tx, look.met, look.window.now).every():
        held = one.exception
        if held.approved_by is not None and held.terms.fingerprint in inside:
            who = (held.approved_by, "")
            yield Act(who, (Role.APPROVALS,), f"exception {held.id}", "approver", held.approved_at)


def _who_did(look: Look, change: Change) -> list[Who]:
    touch = change.touch
    return look.whose(touch.identity, Reader(touch.identity, "", touch.at))


def _grants(look: Look) -> Iterator[Grant]:
    told = look.tx.access.readers(look.places)
    look.met.ask(handles(one.identity for readers in told.values() for one in readers))
    for place, readers in sorted(told.items()):
        for one in readers:
            found = look.whose(one.identity, one)
            if one.identity.system.endswith("-id") and found == [(None, str(one.identity))]:
                continue  # forges tell of each member twice: the login beside it is for people
            for who in found:
                yield Grant(who, place[1], one.why, one.right, one.since, one.until)
    for place in look.places:
        if place not in told:
            look.gaps.append(f"{':'.join(place)}: nobody tells who may read or change it")


def _shown(found: Iterable[Changer], look: Look) -> Iterator[Changed]:
    for one in found:
        person, account = one.who
        if look.sensitive(person):
            yield Changed(RESTRICTED, RESTRICTED, one.could, one.roles, None, ())
        else:
            name = look.name(person) if person is not None else account
            yield Changed(person or "", name, one.could, one.roles, one.left_at, one.reasons)
