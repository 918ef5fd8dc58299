"""Time stamps of the ledger's heads: one a night where an authority is configured, and read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connectors.ledger_key import LedgerKey
from correlate.errors import OffkeyError, Refused
from correlate.ledger_check import Witness
from correlate.ports import TimeAuthority
from correlate.ports_store import Store, Transaction
from correlate.tree_head import HeadStamp
from correlate.verdict import LedgerEntry
from jobs.ledger import STEP, Gathered
from jobs.outcome import Exit, Problem

PLACE = "time stamp"


def stamp_newest(
    store: Store, authority: Callable[[], TimeAuthority], clock: Callable[[], datetime]
) -> list[Problem]:
    """Have the newest head stamped unless it is, and keep the stamp, each with its ledger entry.

    An authority that is down, or not to be believed, is told and changes no exit code: the next run asks
    for the head of then, which is over all that this one is over.
    """
    with store.transaction() as tx:
        head = max(tx.ledger.heads(), key=lambda one: one.size, default=None)
        newest = newest_stamp(tx)
    if head is None or (newest is not None and newest.head == head):
        return []
    try:
        asked = authority()
        facts = {"size": head.size, "host": asked.host}
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(clock(), "time_stamp_asked", "ledger", facts))
        made = asked.stamp(head)
        said = asked.said(made)
    except OffkeyError as error:
        return [Problem(STEP, PLACE, str(error), Exit.CLEAN)]
    facts = {"size": head.size, "host": asked.host, "at": said.at.isoformat(), "by": said.by}
    with store.transaction() as tx:
        tx.ledger.save_stamp(made)
        tx.runs.append(LedgerEntry(clock(), "time_stamped", "ledger", facts))
    return []


def in_stamps(store: Store, key: LedgerKey, authority: Callable[[], TimeAuthority]) -> Gathered:
    """Return each stamped head as a witness, with by when it existed; one whose stamp does not fit it is
    not genuine. Where none can be checked that is a problem: nothing is known of them.
    """
    with store.transaction() as tx:
        stamps = list(tx.ledger.stamps())
    if not stamps:
        return Gathered((), ())
    try:
        checks = authority()
        seen = tuple(_witness(stamp, key, checks) for stamp in stamps)
    except OffkeyError as error:
        what = f"{len(stamps)} time stamps were not checked: {error}"
        return Gathered((), (Problem(STEP, PLACE, what, Exit.INCOMPLETE),))
    return Gathered(seen, ())


def newest_stamp(tx: Transaction) -> HeadStamp | None:
    """Return the kept stamp of the largest tree."""
    return max(tx.ledger.stamps(), key=lambda one: one.head.size, default=None)


def _witness(stamp: HeadStamp, key: LedgerKey, authority: TimeAuthority) -> Witness:
    genuine = key.genuine(stamp.head)
    try:
        said = authority.said(stamp)
    except Refused as error:
        return Witness("a time stamp", stamp.head, genuine=False, outside=False, fault=error.why)
    name = f"a time stamp by {said.by}"
    return Witness(name, stamp.head, genuine, outside=False, stamped_at=said.at)
