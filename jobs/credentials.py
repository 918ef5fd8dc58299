"""Credentials as the store knows them, a few thousand at a time: their places, their issuers'
answers, and what the issuers' own lists add.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from itertools import islice

from correlate.inventory import joined, with_rows
from correlate.kind import Kind
from correlate.model import Exposure, KindId
from correlate.own_use import last_use_by_others
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from correlate.stored import ALL, Answers, Span, Uses

AT_ONCE = 2000
_NO_ANSWERS = Answers(None, None)
_NEVER_ASKED = Uses()
Only = Collection[Fingerprint] | None
_MIDDLE = "8"  # digests are keyed hashes in hexadecimal, so each half holds about as many


class Share(Enum):
    """What part of all credentials is meant: those found in one half by their digests, and with the
    first half all that issuers list, be it found or not: one may absorb the other.
    """

    WHOLE = ALL
    FIRST = Span(end=_MIDDLE)
    SECOND = Span(first=_MIDDLE)


def all_credentials(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    only: Only = None,
    but: Collection[Fingerprint] = frozenset(),
    share: Share = Share.WHOLE,
) -> Iterator[list[Credential]]:
    """Yield every credential whose kind is known, or `only` these, in lists of some thousands:
    those found in texts with their unsuppressed places (all `but` those), then the rows of issuers'
    lists, those absorbed by a found credential included. Of all, it may be a `share`.
    """
    if only is None:
        rows = tx.inventory.listed()
        bearers = tx.scans.hints_of([one.fingerprint for one in rows])
        found = _shared(tx, kinds, but, joined(bearers, rows).keys(), share)
        if share is Share.SECOND:
            rows, bearers = [], []
    else:
        near = {bearer.fingerprint for bearer in tx.scans.hints_of(only)} | set(only)
        bearers = tx.scans.hints_of(near)
        near |= {bearer.fingerprint for bearer in bearers if bearer.listed}
        rows = tx.inventory.listed(only=near)
        found = found_credentials(tx, kinds, near)
    made = with_rows(found, rows, bearers, kinds)
    if only is not None:
        made = (item for item in made if item.fingerprint in only)
    while chunk := list(islice(made, AT_ONCE)):
        yield _without_own_use(tx, chunk)


def holding(tx: Transaction, share: Share) -> Callable[[Fingerprint], bool]:
    """Return what tells whether a credential is of the share, which is so for good while nothing is
    written.
    """
    if share is Share.WHOLE:
        return lambda _one: True
    rows = tx.inventory.listed()
    bearers = tx.scans.hints_of([one.fingerprint for one in rows])
    listed = {one.fingerprint for one in rows} | joined(bearers, rows).keys()

    def holds(one: Fingerprint) -> bool:
        return share is not Share.SECOND if one in listed else one in share.value

    return holds


def _shared(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    but: Collection[Fingerprint],
    listed: Collection[Fingerprint],
    share: Share,
) -> Iterator[Credential]:
    """Yield what was found in texts of one share; what is `listed`, too, is of the first."""
    if share is Share.SECOND:
        yield from found_credentials(tx, kinds, None, {*but, *listed}, share.value)
        return
    yield from found_credentials(tx, kinds, None, but, share.value)
    late = {one for one in listed if one not in share.value and one not in but}
    if late:
        yield from found_credentials(tx, kinds, late)


def some_credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], only: Collection[Fingerprint]
) -> list[Credential]:
    """Return `only` these, those absorbed included."""
    return [item for chunk in all_credentials(tx, kinds, only) for item in chunk]


def found_credentials(
    tx: Transaction,
    kinds: Mapping[KindId, Kind],
    only: Only = None,
    but: Collection[Fingerprint] = frozenset(),
    span: Span = ALL,
) -> Iterator[Credential]:
    """Yield what was found in texts, with answers to our own questions and nothing of lists."""
    places = tx.scans.by_credential(only, but, span)
    while chunk := list(islice(places, AT_ONCE)):
        answers = tx.scans.answers([found[0].fingerprint for found in chunk])
        for found in chunk:
            known = [one for one in found if not one.suppressed and one.kind in kinds]
            if known:
                yield _credential(known, answers.get(known[0].fingerprint, _NO_ANSWERS), kinds)


def _credential(found: list[Exposure], said: Answers, kinds: Mapping[KindId, Kind]) -> Credential:
    first = found[0]
    return Credential(
        first.fingerprint, kinds[first.kind], tuple(found), said.definite, said.latest
    )


def _without_own_use(tx: Transaction, held: Iterable[Credential]) -> list[Credential]:
    held = list(held)
    used = [item.fingerprint for item in held if item.liveness and item.liveness.last_used_at]
    uses = tx.scans.uses(used) if used else {}
    return [without_own_use(item, uses.get(item.fingerprint, _NEVER_ASKED)) for item in held]


def without_own_use(credential: Credential, uses: Uses) -> Credential:
    """Return the credential with the last use that others made of it, as far as it is known."""
    said, row = credential.liveness, credential.listed.row if credential.listed else None
    if said is None or said.last_used_at is None:
        return credential
    grain = timedelta(seconds=row.last_used_grain_s if row else 0)
    used = last_use_by_others({*uses.used, said.last_used_at}, uses.asked, grain)
    latest = credential.latest
    return replace(
        credential,
        liveness=replace(said, last_used_at=used),
        latest=replace(latest, last_used_at=used) if latest and latest.last_used_at else latest,
    )
