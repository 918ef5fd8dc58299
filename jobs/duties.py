"""What `offkey serve` does between two nightly runs: new leavers, open cases, tickets."""

from __future__ import annotations

from datetime import datetime

from correlate.model import PersonId
from correlate.ports_store import Store
from jobs.judge import judge_all
from jobs.lock import only_runner
from jobs.nightly import Allowances, deliver_step, verify_step
from jobs.people import read_people, staff
from jobs.progress import Progress
from jobs.wiring import Wiring


def poll_leavers(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> int:
    """Read the people feeds; if somebody left since the last look, judge and open tickets.

    Returns the number of new leavers.
    """
    policy = wiring.config.policy
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        before = _leavers(store, now)
        read_people(wiring.feeds(), store, now, policy.max_new_leavers)
        new = _leavers(store, now) - before
        if new:
            verify_step(wiring, store, kinds, now, progress)
            judge_all(store, kinds, now, policy.proof_gap_seconds)
            deliver_step(wiring, store, kinds, now, Allowances(), progress)
    return len(new)


def recheck(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> int:
    """Ask again about every credential with an open case, judge, and bring tickets in line.

    Returns the number of credentials asked about.
    """
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        with store.transaction() as tx:
            open_now = frozenset(
                held.fingerprint for held in tx.cases.cases() if not held.state.ended
            )
        asked = verify_step(wiring, store, kinds, now, progress, open_now)
        judge_all(store, kinds, now, wiring.config.policy.proof_gap_seconds)
        deliver_step(wiring, store, kinds, now, Allowances(), progress)
    return asked.asked


def sync_tickets(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> None:
    """Read what people did in the ticket systems, and bring tickets in line."""
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        deliver_step(wiring, store, kinds, now, Allowances(), progress)


def _leavers(store: Store, now: datetime) -> set[PersonId]:
    with store.transaction() as tx:
        return set(staff(tx.people.snapshots(), now).leavers()) & {
            departure.person for departure, _ in tx.people.departures()
        }
