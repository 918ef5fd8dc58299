"""What credentials and rows of issuers' lists are found by: their hints, and whom they name."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, select

from connectors.store_rows import chunks, insert_new, keyed, streamed
from connectors.store_schema import exposure, hint, mention
from connectors.store_texts import among
from correlate.attribution import asked_about
from correlate.identity import handles
from correlate.listed import Listed
from correlate.model import Exposure, Identity, Liveness, Place
from correlate.secret import Fingerprint
from correlate.stored import HintRow


def index_exposures(connection: Connection, found: Iterable[Exposure]) -> None:
    """Keep by what each credential can be found, of these of its places."""
    hints: set[tuple[str, Fingerprint]] = set()
    named: set[tuple[str, Fingerprint]] = set()
    for one in found:
        hints.update((value, one.fingerprint) for value in one.hints)
        named.update(_named(asked_about([one], None), one.fingerprint))
    _save(connection, hints, named, listed=False)


def index_answers(connection: Connection, given: Iterable[tuple[Fingerprint, Liveness]]) -> None:
    """Keep whom issuers named as the owners of credentials."""
    named = {pair for one, said in given for pair in _named(said.identities, one)}
    _save(connection, (), named, listed=False)


def index_listed(connection: Connection, rows: Iterable[Listed]) -> None:
    """Keep by what rows of issuers' lists can be found."""
    hints: set[tuple[str, Fingerprint]] = set()
    named: set[tuple[str, Fingerprint]] = set()
    for one in rows:
        hints.update((held.value, one.fingerprint) for held in one.row.hints)
        named.update(_named(one.row.owners, one.fingerprint))
    _save(connection, hints, named, listed=True)


def mentioning(connection: Connection, wanted: Collection[str]) -> set[Fingerprint]:
    """Return what names any of the folded handles."""
    found: set[Fingerprint] = set()
    for chunk in chunks(sorted(wanted)):  # so that they are read as they lie
        query = select(mention.c.key_id, mention.c.digest).where(among(mention.c.handle, chunk))
        found.update(Fingerprint(*row) for row in streamed(connection, query))
    return found


def hints_of(connection: Connection, fingerprints: Collection[Fingerprint]) -> list[HintRow]:
    """Return every bearer of every hint that any of these bears."""
    values: set[str] = set()
    for some in keyed(hint, fingerprints):
        values.update(connection.scalars(select(hint.c.value).where(some)))
    found = []
    for chunk in chunks(values):
        for row in connection.execute(select(hint).where(among(hint.c.value, chunk))):
            who = Fingerprint(row.key_id, row.digest)
            found.append(HintRow(row.value, who, bool(row.listed)))
    return found


def standing_in(connection: Connection, places: Collection[Place]) -> set[Fingerprint]:
    """Return the credentials that were found in any of the containers."""
    found: set[Fingerprint] = set()
    columns = select(exposure.c.key_id, exposure.c.digest).distinct()
    for source, container in places:
        query = columns.where(exposure.c.source == source, exposure.c.container == container)
        found.update(Fingerprint(row.key_id, row.digest) for row in connection.execute(query))
    return found


def _named(identities: Iterable[Identity], who: Fingerprint) -> set[tuple[str, Fingerprint]]:
    return {(handle, who) for handle in handles(identities)}


def _save(
    connection: Connection,
    hints: Iterable[tuple[str, Fingerprint]],
    named: Iterable[tuple[str, Fingerprint]],
    *,
    listed: bool,
) -> None:
    for pairs in chunks(sorted(hints)):
        rows = [{**_key(one), "value": value, "listed": int(listed)} for value, one in pairs]
        insert_new(connection, hint, rows)
    for pairs in chunks(sorted(named)):
        insert_new(connection, mention, [{**_key(one), "handle": name} for name, one in pairs])


def _key(one: Fingerprint) -> dict[str, str]:
    return {"key_id": one.key_id, "digest": one.digest}
