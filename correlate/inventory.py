"""Issuers' own lists: what a row proves, which found credential it is, and what a new list changes.

A row that stands for itself is a credential of which nobody has the plaintext. Its issuer's list
is then the only witness: REVOKED, EXPIRED, or gone from a list that was read to its end counts as
a rejection, and two of those, spaced, close its case like any other. A found credential that a
row belongs to is held to more: mere absence from a list is no rejection of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from correlate.decoys import is_decoy
from correlate.kind import Kind, Verification
from correlate.listed import Hint, InventoryRow, InventorySnapshot, Listed, RowState, hint_of
from correlate.model import KindId, Liveness, LivenessState
from correlate.policy import Credential
from correlate.secret import Fingerprint, Pepper
from correlate.stored import HintRow

METHOD = "list"  # a Liveness that rests on a list says so
LIST_GAP_SECONDS = 3600  # two looks at a list prove a death when they are this far apart
VANISHED_SHARE = 0.2
_PREFIX = "listed:"
_STATES = {
    RowState.ACTIVE: (LivenessState.LIVE, "its issuer lists it as active"),
    RowState.EXPIRED: (LivenessState.DEAD, "its issuer lists it as expired"),
    RowState.REVOKED: (LivenessState.DEAD, "its issuer lists it as revoked"),
    RowState.DISABLED: (LivenessState.SUSPENDED, "its issuer lists it as switched off"),
    RowState.UNKNOWN: (LivenessState.UNKNOWN, "its issuer's list does not say whether it is valid"),
}


def kind_id(row: InventoryRow, kinds: Mapping[KindId, Kind]) -> KindId:
    """Return the id of the row's kind; one that no rule describes is named by the id itself."""
    if row.kind in kinds:
        return KindId(row.kind)
    return KindId(f"{_PREFIX}{row.issuer}:{row.what}")


def kind_of(name: KindId, kinds: Mapping[KindId, Kind]) -> Kind | None:
    """Return the kind of a credential, found or listed; None where no rule knows it any more."""
    if name in kinds or not name.startswith(_PREFIX):
        return kinds.get(name)
    issuer, _, what = name.removeprefix(_PREFIX).partition(":")
    return Kind(name, issuer, f"{what[:1].upper()}{what[1:]} ({issuer})", "", (), "", "")


def answer_of(listed: Listed, *, alone: bool) -> tuple[Liveness | None, Liveness]:
    """Return the last definite and the last answer of any sort that a row amounts to.

    `alone`: nobody has the plaintext, and absence from a whole list is a rejection.
    """
    row = listed.row
    state, reason = _STATES[row.state]
    seen = Liveness(
        state,
        listed.last_seen_at,
        reason,
        host=row.source,
        method=METHOD,
        identities=row.owners,
        owner_name=row.owner_name,
        owner_is_person=row.owner_is_person,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )
    latest = seen
    if listed.gone and state is not LivenessState.DEAD:
        latest = replace(
            seen,
            at=listed.checked_at,
            state=LivenessState.DEAD if alone else LivenessState.UNKNOWN,
            reason="it is no longer in its issuer's complete list",
        )
    elif listed.gone:  # it stays as dead as its issuer called it, and is looked for again
        latest = replace(seen, at=listed.checked_at)
    if latest.state is LivenessState.DEAD:
        return latest, latest
    return (seen if seen.state.usable else None), latest


def with_row(credential: Credential, one: Listed | None) -> tuple[Credential, bool]:
    """Return a found credential with what its row adds, and whether it absorbs the row: the case is
    then the found one's.
    """
    if one is None:
        return credential, False
    if is_decoy(credential.latest):
        return credential, True  # its entry in a list is as little a case
    made = _informed(credential, one)
    return made, made.liveness is not None and made.liveness.state.usable


def alone(
    listed: Iterable[Listed], kinds: Mapping[KindId, Kind], absorbed: Container[Fingerprint]
) -> Iterator[Credential]:
    """Yield every row whose kind is known as a credential, marked where a found one absorbed it."""
    for one in listed:
        kind = kind_of(kind_id(one.row, kinds), kinds)
        if kind is not None:
            yield _alone(one, kind, absorbed=one.fingerprint in absorbed)


def joined(bearers: Iterable[HintRow], listed: Iterable[Listed]) -> dict[Fingerprint, Listed]:
    """Return the row of each found credential. A hint that fits two rows or two credentials
    joins nothing: a wrong owner is worse than none.
    """
    rows: dict[str, dict[Fingerprint, Listed]] = defaultdict(dict)
    for one in listed:
        for hint in one.row.hints:
            rows[hint.value][one.fingerprint] = one
    holders: dict[str, set[Fingerprint]] = defaultdict(set)
    for bearer in bearers:
        if not bearer.listed and bearer.value in rows:
            holders[bearer.value].add(bearer.fingerprint)
    pairs: dict[Fingerprint, dict[Fingerprint, Listed]] = defaultdict(dict)
    for value, fingerprints in holders.items():
        if len(fingerprints) == 1 and len(rows[value]) == 1:
            ((key, one),) = rows[value].items()
            pairs[next(iter(fingerprints))][key] = one
    return {
        fingerprint: next(iter(ones.values()))
        for fingerprint, ones in pairs.items()
        if len(ones) == 1
    }


def merged(
    before: Iterable[Listed],
    taken: InventorySnapshot,
    fingerprint: Callable[[InventoryRow], Fingerprint],
) -> list[Listed]:
    """Return every row of a source after a new snapshot. Rows absent from a list that was read
    whole are kept with the time of that look; those of other lists stay as they were.
    """
    known = {_place(one.row): one for one in before}
    whole = set(taken.listed)
    after = {}
    for row in taken.rows:
        place = _place(row)
        old = known.pop(place, None)
        first = old.first_seen_at if old else taken.taken_at
        after[place] = Listed(row, fingerprint(row), first, taken.taken_at, taken.taken_at)
    for place, old in known.items():
        looked = old.row.container in whole
        after[place] = replace(old, checked_at=taken.taken_at) if looked else old
    return list(after.values())


def fallen(
    before: Iterable[Listed], taken: InventorySnapshot, allowed: int
) -> dict[str, tuple[int, int]]:
    """Return the lists of which too many rows vanished at once to be believed: (gone, of).

    A login that lost its rights is often answered with a short list instead of a refusal.
    """
    present = {_place(row) for row in taken.rows}
    gone: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for one in before:
        if one.row.container in taken.listed and not one.gone:
            total[one.row.container] += 1
            gone[one.row.container] += _place(one.row) not in present
    return {
        name: (count, total[name])
        for name, count in gone.items()
        if count > allowed and count > VANISHED_SHARE * total[name]
    }


def keyed(row: InventoryRow, pepper: Pepper) -> InventoryRow:
    """Return the row with its hints under the pepper."""
    hints = tuple(Hint(one.form, hint_of(pepper, row.issuer, one)) for one in row.hints)
    return replace(row, hints=hints)


def _place(row: InventoryRow) -> tuple[str, str]:
    return row.container, row.row_id


def _informed(credential: Credential, one: Listed) -> Credential:
    definite, latest = answer_of(one, alone=False)
    direct = credential.liveness
    if direct is None:  # nobody could ask: the issuer's list is its word
        return replace(credential, liveness=definite, latest=latest, listed=one)
    named = bool(direct.identities)
    row = one.row
    liveness = replace(
        direct,
        identities=direct.identities or row.owners,
        owner_name=direct.owner_name or row.owner_name,
        owner_is_person=direct.owner_is_person if named else row.owner_is_person,
        scopes=direct.scopes or row.scopes,
        created_at=direct.created_at or row.created_at,
        expires_at=direct.expires_at or row.expires_at,
        last_used_at=direct.last_used_at or row.last_used_at,
    )
    return replace(credential, liveness=liveness, listed=one)


def _alone(one: Listed, kind: Kind, *, absorbed: bool) -> Credential:
    rule = kind.verification or Verification(METHOD, "", "")
    spaced = max(rule.proof_gap_seconds, LIST_GAP_SECONDS)
    kind = replace(kind, verification=replace(rule, proof_gap_seconds=spaced))
    definite, latest = answer_of(one, alone=True)
    return Credential(one.fingerprint, kind, (), definite, latest, one, absorbed)
