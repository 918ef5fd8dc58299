"""The on-demand audit of AI projects: who, and which credentials, could change what they are told, learn
from, are approved by and log, in a stretch of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from correlate.ai_audit import Act, Changer, Grant, Who, Window, changers
from correlate.ai_means import Layer, Means, layers
from correlate.ai_project import AiProject, Role
from correlate.errors import OffkeyError
from correlate.identity import handles
from correlate.kind import Kind
from correlate.model import Change, KindId, Place, Reader, Right, Truth
from correlate.ports import Changes
from correlate.ports_store import Store
from correlate.verdict import RESTRICTED
from jobs.ai_credentials import entries, means, proofs
from jobs.ai_look import Field, Look, Sources, path_of, place_of, survey
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
        met = circle(tx, window.now)
        known = survey(tx, configured)
        return [
            _audited(Look(tx, kinds, met, window, one, _places(known, one), asked))
            for one in known.projects
            if only in ("", one.name)
        ]


def _places(known: Field, project: AiProject) -> list[Place]:
    return sorted(place for place in known.places if project.holds(place))


def _audited(look: Look) -> ProjectAudit:
    if not look.places:
        look.gaps.append("none of its places is known: check the names, and that they are scanned")
    acts, grants = _acts(look), list(_grants(look))
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


def _acts(look: Look) -> list[Act]:
    """Return what is told of changes: by the histories, else by what is known of texts with secrets."""
    told: list[tuple[str, Change]] = []
    for source, container in look.places:
        teller = look.asked.tellers.get(source)
        if teller is not None:
            told += _history(look, teller, container)
    dark = {place for place in look.places if place[0] not in look.asked.tellers}
    for one in look.exposures():
        if place_of(one) in dark and one.trace is not None:
            changes = (Change(path_of(one), touch) for touch in one.trace.introduced)
            told += ((one.locator.container, change) for change in changes)
    look.met.ask(handles(change.touch.identity for _, change in told))
    return [
        Act(who, roles, f"{container}:{change.path}", change.touch.role, change.touch.at)
        for container, change in told
        if (roles := look.project.roles(change.path))
        for who in _who_did(look, change)
    ]


def _who_did(look: Look, change: Change) -> list[Who]:
    touch = change.touch
    return look.whose(touch.identity, Reader(touch.identity, "", touch.at))


def _history(look: Look, teller: Changes, container: str) -> Iterator[tuple[str, Change]]:
    try:
        for one in teller.changes(container, look.window.since, look.window.until):
            if look.project.roles(one.path):
                yield container, one
    except OffkeyError as error:
        look.gaps.append(f"{container}: its history could not be read whole ({error.what})")


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
