"""What `offkey serve` does between two nightly runs: new leavers, open cases, tickets."""

from __future__ import annotations

import uuid
from datetime import datetime

from correlate.departure_log import in_force
from correlate.model import PersonId
from correlate.ports_store import Store
from correlate.stored import RunRecord
from correlate.verdict import Departure, LedgerEntry, StandingState
from jobs.asking import verify_step
from jobs.inventory import inventory_step
from jobs.judge import judge_all
from jobs.leaver import tied
from jobs.lock import only_runner
from jobs.nightly import Allowances, deliver_step
from jobs.people import circle, read_people
from jobs.progress import Progress
from jobs.wake import Rang
from jobs.wiring import Wiring


def poll_leavers(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> int:
    """Read the people feeds; if somebody left since the last judgement, judge and open tickets.

    Returns the number of new leavers. A poll that found some is kept as a run, so that the
    next one looks for those after it.
    """
    policy = wiring.config.policy
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        read_people(wiring.feeds(), store, now, policy.max_new_leavers, order=policy.feed_order)
        new = _new_leavers(store, now)
        if new:
            inventory_step(wiring, store, now)
            held = tied(store, kinds, new, now)
            verify_step(wiring, store, kinds, now, progress, held)
            judge_all(store, kinds, now, policy.proof_gap_seconds)
            deliver_step(wiring, store, kinds, now, Allowances(), progress)
            with store.transaction() as tx:
                tx.runs.save_run(RunRecord(uuid.uuid4().hex, "poll", now, now, "judged"))
    return len(new)


def poll_woken(wiring: Wiring, store: Store, now: datetime, progress: Progress, rang: Rang) -> int:
    """Poll because somebody rang, and write down who did. Of what they said nothing else is known."""
    with store.transaction() as tx:
        for sender, events in sorted(rang.items()):
            tx.runs.append(LedgerEntry(now, "push", sender, {"events": dict(events)}))
    return poll_leavers(wiring, store, now, progress)


def recheck(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> int:
    """Read issuers' lists, ask again about every credential with an open case, judge, and bring
    tickets in line.

    Returns the number of credentials asked about.
    """
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        inventory_step(wiring, store, now)
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


def _new_leavers(store: Store, now: datetime) -> set[PersonId]:
    """Return who has left and was not judged as a leaver yet: nobody recorded the departure, or
    it took effect after cases were last judged to the end.
    """
    with store.transaction() as tx:
        standings = dict(circle(tx, now).standings())
        recorded = {_mark(departure) for departure in in_force(tx.people.departures())}
        judged = (run for run in tx.runs.runs() if run.job in ("nightly", "poll") and run.outcome)
        last = next(judged, None)
    return {
        person
        for person, held in standings.items()
        if held.state is StandingState.LEFT
        and held.departure is not None
        and (
            last is None
            or held.departure.effective_at > last.started_at
            or _mark(held.departure) not in recorded
        )
    }


def _mark(departure: Departure) -> tuple[PersonId, str, datetime | None]:
    dated = departure.precision != "seen"  # else the date is that of the look
    return departure.person, departure.spell, departure.effective_at if dated else None
