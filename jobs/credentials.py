"""Credentials as the store knows them, a few thousand at a time: their places, their issuers'
answers, and what the issuers' own lists add.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from correlate.inventory import alone, joined, with_row
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import KindId
from correlate.own_use import last_use_by_others
from correlate.policy import Credential
from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from correlate.stored import Answers, Found, Uses

AT_ONCE = 2000
Only = Collection[Fingerprint] | None


@dataclass(frozen=True, slots=True)
class Lists:
    """The rows of issuers' lists, and which of them is that of which found credential."""

    rows: Sequence[Listed]
    of_found: Mapping[Fingerprint, Listed]


def lists(tx: Transaction) -> Lists:
    """Return all rows."""
    rows = tx.inventory.listed()
    return Lists(rows, joined(tx.scans.hints_of([one.fingerprint for one in rows]), rows))


def all_credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], only: Only = None
) -> Iterator[list[Credential]]:
    """Yield every credential whose kind is known, or `only` these, in lists of some thousands:
    those found in texts with their unsuppressed places, then the rows of issuers' lists, those
    absorbed by a found credential included.
    """
    known, near = (lists(tx), None) if only is None else _lists_near(tx, only)
    absorbed: set[Fingerprint] = set()
    for names, pack in tx.scans.packed(AT_ONCE, near):
        asked = [one for one in names if one in known.of_found]
        found = told(pack.unpack(), known, kinds, tx.scans.uses(asked), absorbed)
        yield [item for item in found if only is None or item.fingerprint in only]
    rest = (
        item
        for item in alone(known.rows, kinds, absorbed)
        if only is None or item.fingerprint in only
    )
    while chunk := list(islice(rest, AT_ONCE)):
        uses = tx.scans.uses([item.fingerprint for item in chunk])
        yield [without_own_use(item, uses[item.fingerprint]) for item in chunk]


def _lists_near(tx: Transaction, only: Collection[Fingerprint]) -> tuple[Lists, set[Fingerprint]]:
    """Return the rows that may have to do with these, and all that may be joined with those rows."""
    near = {bearer.fingerprint for bearer in tx.scans.hints_of(only)} | set(only)
    bearers = tx.scans.hints_of(near)
    near |= {bearer.fingerprint for bearer in bearers if bearer.listed}
    rows = tx.inventory.listed(only=near)
    return Lists(rows, joined(bearers, rows)), near


def told(
    found: Iterable[Found],
    known: Lists,
    kinds: Mapping[KindId, Kind],
    uses: Mapping[Fingerprint, Uses],
    absorbed: set[Fingerprint],
) -> Iterator[Credential]:
    """Yield the credentials of what was found, with what their rows add. `uses` are those of the ones
    that have a row. Which rows they absorb is added to `absorbed`.
    """
    for one in found:
        bare = _credential(one, kinds)
        if bare is None:
            continue
        row = known.of_found.get(bare.fingerprint)
        made, absorbs = with_row(bare, row)
        if row is not None and absorbs:
            absorbed.add(row.fingerprint)
        yield without_own_use(made, uses.get(made.fingerprint, one.uses))


def some_credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], only: Collection[Fingerprint]
) -> list[Credential]:
    """Return `only` these, those absorbed included."""
    return [item for chunk in all_credentials(tx, kinds, only) for item in chunk]


def found_credentials(
    tx: Transaction, kinds: Mapping[KindId, Kind], only: Only = None
) -> Iterator[Credential]:
    """Yield what was found in texts, with answers to our own questions and nothing of lists; of their
    uses, what the last answer says.
    """
    for _, pack in tx.scans.packed(AT_ONCE, only):
        for one in pack.unpack():
            made = _credential(one, kinds)
            if made is not None:
                yield made


def _credential(found: Found, kinds: Mapping[KindId, Kind]) -> Credential | None:
    """Return None where nothing stands in an unsuppressed place, or no rule knows the kind any more."""
    shown = tuple(one for one in found.exposures if not one.suppressed and one.kind in kinds)
    if not shown:
        return None
    said: Answers = found.answers
    return Credential(shown[0].fingerprint, kinds[shown[0].kind], shown, said.definite, said.latest)


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
