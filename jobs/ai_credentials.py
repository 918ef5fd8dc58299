"""The credentials with which an AI project could be changed, and what is told of them in its time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from correlate.ai_audit import Changer, alive_in, could_change, left_at
from correlate.ai_means import Means, brief, is_forge, pushes
from correlate.attribution import KNOWING, NAMING
from correlate.kind import Grade
from correlate.model import Truth
from correlate.policy import Credential
from correlate.stored import Lifespan
from correlate.verdict import Claim, Relation
from jobs.ai_look import Look
from jobs.credentials import some_credentials
from jobs.judgement import claims_on
from jobs.paths import paths_of
from jobs.verify import asked_as


def means(look: Look, found: Sequence[Changer]) -> list[Means]:
    """Return the credentials that stand in a project, and those of who could change it that may open
    where it is kept; but those that were not live in the window.
    """
    return sorted(_means(look, found), key=_live_first)


def _means(look: Look, found: Sequence[Changer]) -> Iterator[Means]:
    writers, kept_at = could_change(found), look.kept_at()
    inside = look.tx.scans.standing_in(look.places)
    near = inside | look.tx.scans.mentioning(look.met.handles_of(writers))
    near |= {bearer.fingerprint for bearer in look.tx.scans.hints_of(near)}
    items = [
        item
        for item in some_credentials(look.tx, look.kinds, near)
        if item.kind.grade is Grade.ISSUER and not item.absorbed
    ]
    look.met.meet(items)
    spans = look.tx.scans.lifespans([item.fingerprint for item in items])
    for item in items:
        made = claims_on(item, look.met.staff)
        owner = next(
            (c for c in made if c.relation is Relation.OWNS and c.strength >= NAMING), None
        )
        issuer = item.kind.issuer
        opens = (
            owner is not None and owner.person in writers and is_forge(issuer)
            and bool(kept_at & {issuer, ""})
        )  # fmt: skip
        here = item.fingerprint in inside
        alive = alive_in(spans.get(item.fingerprint, Lifespan()), _made_at(item), look.window)
        if (here or opens) and alive is not Truth.NO:
            yield _one_means(look, item, made, owner, alive, opens=opens, here=here)


def _one_means(
    look: Look,
    item: Credential,
    made: Sequence[Claim],
    owner: Claim | None,
    alive: Truth,
    *,
    opens: bool,
    here: bool,
) -> Means:
    said = item.liveness or item.latest
    scopes = said.scopes if said is not None else ()
    told = opens and item.kind.issuer in look.kept_at()
    could = pushes(item.kind.issuer, scopes) if told else Truth.UNKNOWN
    row = item.listed.row if item.listed else None
    standings = look.met.staff.standings
    expires_at = said.expires_at if said is not None else None
    return Means(
        item.fingerprint,
        item.kind.name,
        item.kind.issuer,
        could,
        alive,
        _reason(could, scopes, opens=opens, here=here),
        look.name(owner.person) if owner else "",
        owner is not None
        and left_at(owner.person, standings) is not None
        and not look.sensitive(owner.person),
        row.expires if row is not None else Truth.UNKNOWN,
        brief(_made_at(item), expires_at),
        paths_of(item) if here else (),
        tuple(dict.fromkeys(look.name(c.person) for c in made if c.strength >= KNOWING)),
    )


def _reason(could: Truth, scopes: Sequence[str], *, opens: bool, here: bool) -> str:
    if could is Truth.YES:
        return f"opens the account of one who could change it, and may write ({', '.join(scopes)})"
    if opens:
        told = "where the project is kept" if scopes else "whether it may write"
        return f"opens the account of one who could change it; {told} is not told"
    return "stands in it; what could be changed with it is not told" if here else ""


def proofs(look: Look, held: Iterable[Means]) -> Iterator[str]:
    """Yield which of a project's credentials were proved dead in the window."""
    inside = look.tx.scans.standing_in(look.places) | {one.fingerprint for one in held}
    for case in look.tx.cases.cases():
        proof = case.rejections[-1] if case.closed_at and case.rejections else None
        if case.fingerprint in inside and proof is not None and look.window.has(proof.at):
            kind = look.kinds.get(case.credential_kind)
            name = kind.name if kind is not None else case.credential_kind
            yield f"{name} {case.fingerprint.short}: rejected by its issuer on {proof.at:%Y-%m-%d}"


def entries(look: Look, held: Iterable[Means]) -> Mapping[str, int]:
    """Count what our own ledger holds on a project's credentials within the window, by sort."""
    mine = {one.fingerprint for one in held} | look.tx.scans.standing_in(look.places)
    subjects = {str(one.key) for one in look.tx.cases.cases() if one.fingerprint in mine}
    subjects |= {asked_as(one) for one in mine}
    counts: Counter[str] = Counter()
    for text in look.tx.runs.ledger():
        entry = json.loads(text)
        if entry["subject"] in subjects and look.window.has(datetime.fromisoformat(entry["at"])):
            counts[entry["what"]] += 1
    return counts


def _made_at(item: Credential) -> datetime | None:
    said = item.liveness or item.latest
    listed = item.listed.row.created_at if item.listed else None
    return listed or (said.created_at if said is not None else None)


def _live_first(one: Means) -> tuple[bool, bool, str, str]:
    return (
        one.could is not Truth.YES,
        one.alive is not Truth.YES,
        one.credential,
        one.fingerprint.digest,
    )
