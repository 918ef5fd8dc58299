"""The nightly run: every step in order, resumable at each, with coverage and an outcome."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile

from correlate import decoys
from correlate.freshness import IN_FLIGHT, in_flight
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import Coverage, CoverageState, Exposure, KindId, Liveness
from correlate.policy import Credential
from correlate.ports import Issuer, TicketSink
from correlate.ports_store import RunRecord, Store
from correlate.secret import Fingerprint
from correlate.verdict import HYGIENE, LedgerEntry
from jobs.config import Config
from jobs.deliver import Courier, DeliverReport, Rules, subjects_of
from jobs.inventory import InventoryReport, Keeper, read_inventories
from jobs.judge import JudgeReport, judge_all, load_credentials, load_everything
from jobs.lanes import Budget
from jobs.lock import only_runner
from jobs.outcome import Exit, Problem, exit_code
from jobs.people import read_people, staff
from jobs.plaintext import Places
from jobs.progress import Progress
from jobs.scan import ScanReport, detector_for, scan_sources
from jobs.scan_names import redactor
from jobs.verify import Verifier, VerifyReport, due, joined, verify_all
from jobs.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Allowances:
    """The explicit words that lift a guard for one run; None keeps the configured limit."""

    tickets: int | None = None
    leavers: int | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run came to."""

    run: RunRecord
    coverage: tuple[Coverage, ...]
    problems: tuple[Problem, ...]
    scan: ScanReport
    verify: VerifyReport
    judge: JudgeReport
    deliver: DeliverReport
    open_cases: int
    seconds: float
    exit: Exit


def nightly(
    wiring: Wiring, store: Store, now: datetime, allowed: Allowances, progress: Progress
) -> RunReport:
    """Read people, scan what is new, ask issuers, judge, and bring tickets in line.

    Each step keeps what it did before the next begins; a run that was killed is taken up
    by the next one. Raises Unavailable when another run is under way or the store is gone.
    """
    started = time.monotonic()
    run = RunRecord(uuid.uuid4().hex, "nightly", now)
    policy = wiring.config.policy
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        began = _taken_up(store)
        _begin(store, run, wiring.config)
        progress.stage("reading people")
        limit = policy.max_new_leavers if allowed.leavers is None else allowed.leavers
        people = read_people(wiring.feeds(), store, now, limit, allowed.leavers or 0)
        progress.stage("reading issuers' lists")
        lists = inventory_step(wiring, store, now)
        scan = scan_sources(wiring, store, now, progress)
        asked = verify_step(wiring, store, kinds, now, progress, since=began)
        progress.stage("judging")
        judged = judge_all(store, kinds, now, policy.proof_gap_seconds)
        delivered = deliver_step(wiring, store, kinds, now, allowed, progress)
        # what people accepted in tickets, and what was reopened, counts in this run already
        coverage = (*people.coverage, *lists.coverage, *scan.coverage, *_unasked(asked))
        problems = (*people.problems, *lists.problems, *scan.problems, *delivered.problems)
        open_cases = count_open(store)
        code = exit_code(coverage, problems, findings=open_cases > 0)
        run = replace(run, finished_at=datetime.now(UTC), outcome=code.name.lower())
        _end(store, run, coverage)
    seconds = time.monotonic() - started
    return RunReport(
        run, coverage, problems, scan, asked, judged, delivered, open_cases, seconds, code
    )


def inventory_step(wiring: Wiring, store: Store, now: datetime) -> InventoryReport:
    """Read every configured issuer's own lists."""
    inventories = wiring.inventories()
    if not inventories:
        return InventoryReport()
    names = redactor(detector_for(wiring), wiring.kinds)
    limit = wiring.config.policy.max_vanished_rows
    keeper = Keeper(store, wiring.config.pepper(), names.text, limit)
    return read_inventories(inventories, keeper, now)


def verify_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    progress: Progress,
    only: frozenset[Fingerprint] | None = None,
    *,
    since: datetime | None = None,
    rest: Callable[[float], None] = time.sleep,
) -> VerifyReport:
    """Ask issuers about every credential that is due, or about those named, due or not.

    `since` is when the run began that this one takes up.
    """
    with store.transaction() as tx:
        credentials = [item for item in load_credentials(tx, kinds) if item.exposures]
        contested = frozenset(held.fingerprint for held in tx.cases.cases() if not held.state.ended)
    policy = wiring.config.policy
    if only is not None:
        targets = [item for item in credentials if item.fingerprint in only]
    else:
        gap = policy.proof_gap_seconds
        targets = due(credentials, contested, now, since=since, proof_gap_seconds=gap)
        targets += [item for item in credentials if _newly_decoy(item, policy.decoys, targets)]
    flying = [item for item in credentials if only is None and in_flight(item.latest, now)]
    progress.stage("asking issuers", len(targets) + len(flying))
    sources = {source.name: source for source in wiring.sources()}
    places = Places(sources, detector_for(wiring), wiring.config.pepper())
    verifier = Verifier(places, _by_kind(wiring.issuers()), policy.decoys)
    budget = Budget(
        policy.question_minutes * 60.0, policy.questions_per_second, policy.patience_seconds
    )
    report = verify_all(verifier, store, targets, now, progress.advance, budget)
    if not flying:
        return report
    # a killed run had asked about them: nobody is asked again before that can have ended
    rest(IN_FLIGHT.total_seconds())
    late = verify_all(verifier, store, flying, now, progress.advance, budget)
    return joined(report, late)


def _newly_decoy(item: Credential, listed: Sequence[str], targets: Collection[Credential]) -> bool:
    """Whether a credential was listed as a decoy since its last answer, which holds still."""
    return (
        decoys.listed(listed, item.fingerprint)
        and not decoys.is_decoy(item.latest)
        and item not in targets
    )


def deliver_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    allowed: Allowances,
    progress: Progress,
) -> DeliverReport:
    """Bring every ticket system in line with the cases."""
    policy = wiring.config.policy
    limit = policy.max_new_tickets if allowed.tickets is None else allowed.tickets
    rules = Rules(
        limit,
        frozenset(name.casefold() for name in policy.accepted_resolutions),
        policy.settle_seconds,
        frozenset() if policy.ticket_hygiene else HYGIENE,
    )
    report = DeliverReport()
    for sink in wiring.sinks():
        progress.stage(f"tickets in {sink.name}")
        deliver_to(sink, store, kinds, now, rules, report)
    return report


def deliver_to(
    sink: TicketSink,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    rules: Rules,
    report: DeliverReport,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Bring one ticket system in line with the cases as they now stand."""
    with store.transaction() as tx:
        cases = tx.cases.cases()
        credentials = load_everything(tx, kinds)
        persons = staff(tx.people.snapshots(), now).people.persons
    exposures: dict[object, tuple[Exposure, ...]] = defaultdict(tuple)
    answers: dict[object, Liveness] = {}
    for item in credentials:
        exposures[item.fingerprint] = item.exposures
        if item.liveness is not None:
            answers[item.fingerprint] = item.liveness
    listed: dict[object, Listed] = {
        item.fingerprint: item.listed for item in credentials if item.listed is not None
    }
    subjects = subjects_of(cases, kinds, exposures, answers, persons, listed)
    Courier(sink, store, rules, clock, wait, report).deliver(subjects)


def count_open(store: Store) -> int:
    """Return how many cases still ask something of somebody."""
    with store.transaction() as tx:
        return sum(1 for held in tx.cases.cases() if not held.state.ended)


def _by_kind(issuers: Iterable[Issuer]) -> dict[KindId, Issuer]:
    found: dict[KindId, Issuer] = {}
    for issuer in issuers:
        for kind in issuer.kinds:
            found.setdefault(kind, issuer)
    return found


def _taken_up(store: Store) -> datetime | None:
    """When the first of the runs began that were killed since one came to its end."""
    with store.transaction() as tx:
        runs = tx.runs.runs("nightly")
    killed = [run.started_at for run in takewhile(lambda run: not run.outcome, runs)]
    return min(killed, default=None)


def _unasked(asked: VerifyReport) -> list[Coverage]:
    return [
        Coverage(
            *("issuers", issuer, CoverageState.INCOMPLETE),
            skipped=count,
            reason=f"{count} credentials were not asked about: it asks us to wait, or the time is up",
        )
        for issuer, count in asked.left.items()
    ]


def _begin(store: Store, run: RunRecord, config: Config) -> None:
    """Record the run and all it means to look at: if it is killed, that is what was not seen."""
    planned = [
        Coverage(item.name, "", CoverageState.PLANNED)
        for role in ("people", "inventory", "source")
        for item in config.of(role)
    ]
    with store.transaction() as tx:
        tx.runs.save_run(run)
        tx.runs.replace_coverage(run.id, planned)
        tx.runs.append(LedgerEntry(run.started_at, "run_begin", run.id, {"job": run.job}))


def _end(store: Store, run: RunRecord, coverage: Sequence[Coverage]) -> None:
    states: dict[str, int] = defaultdict(int)
    with store.transaction() as tx:
        tx.runs.replace_coverage(run.id, coverage)
        for part in coverage:
            states[part.state.value] += 1
        tx.runs.save_run(run)
        facts = {"outcome": run.outcome, "coverage": dict(states)}
        tx.runs.append(LedgerEntry(run.started_at, "run_end", run.id, facts))
