"""Job: make an evidence pack. The ledger says so before anything is gathered, and of which pack after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.ledger_key import LedgerKey
from correlate.errors import ConfigError
from correlate.model import PersonId
from correlate.period import Period
from correlate.ports_store import Store
from correlate.verdict import LedgerEntry
from jobs.evidence.about import About
from jobs.evidence.gather import Gathered, Terms, gather
from jobs.evidence.pack import write_pack
from jobs.evidence.population import leaves_of
from jobs.leaver import find_person
from jobs.ledger import head_now
from jobs.people import circle


@dataclass(frozen=True, slots=True)
class Order:
    """Which pack is wanted: of all leaves in a period, or of one person (a worker id, address or login)."""

    folder: Path
    period: Period | None
    who: str = ""


def export_pack(
    store: Store,
    key: LedgerKey,
    terms: Terms,
    order: Order,
    about: Callable[[Period, str, str], About],
    now: datetime,
) -> Gathered:
    """Write the pack that is ordered and return what is in it. `about` tells the rest of what it is
    about, given the period, the person and the head's line.

    Raises ConfigError where the person is not known or never left, or the folder exists.
    """
    person = find_person(store, order.who, now)[1] if order.who else None
    period = order.period or _since_the_leave(store, person, now)
    with store.transaction() as tx:
        name = tx.sensitive.references({person})[person] if person else "all leavers"
        facts = {"of": name, "period": period.name}
        tx.runs.append(LedgerEntry(now, "export", "evidence", facts))
    with store.transaction() as tx:
        head = head_now(tx, key, now)
        tx.ledger.save_head(head)
        gathered = gather(tx, terms, period, person, head, now)
    made = write_pack(order.folder, about(period, name, head.line), gathered, key.sign)
    with store.transaction() as tx:
        tx.runs.append(LedgerEntry(now, "exported", "evidence", {**facts, "digests": made}))
    return gathered


def _since_the_leave(store: Store, person: PersonId | None, now: datetime) -> Period:
    """Return the time from the first that is known of a person's leave until now."""
    if person is None:
        raise ConfigError(
            "A pack is of a period, or of a person", where="evidence export", why="neither is given",
            fix="add --period 2026-Q3, or --person WHO",
        )  # fmt: skip
    with store.transaction() as tx:
        leaves = leaves_of(tx, circle(tx, now), person, now)
    if not leaves:
        raise ConfigError(
            "No leave is known of that person", where="evidence export",
            why="no feed that was read ever stated one",
            fix="read the feeds with `offkey run nightly`, or look with `offkey leaver WHO`",
        )  # fmt: skip
    known = [
        at for leave in leaves for row, seen in leave.stated for at in (row.effective_at, seen)
    ]
    first = min(known)
    return Period(f"since {first:%Y-%m-%d}", first, now)
