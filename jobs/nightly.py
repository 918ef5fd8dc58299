"""The nightly run: every step in order, resumable at each, with coverage and an outcome."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile

from connectors.ledger_key import LedgerKey
from correlate.errors import OffkeyError
from correlate.evidence import digest_of
from correlate.kind import Kind
from correlate.listed import Listed
from correlate.model import CaseKey, Coverage, CoverageState, Exposure, KindId, Liveness
from correlate.ports import TicketSink
from correlate.ports_store import Store
from correlate.sla import NONE, Deadlines
from correlate.stored import RunRecord
from correlate.succession import Terms
from correlate.verdict import HYGIENE, LedgerEntry
from jobs.announce import AnnounceReport, TellingRules, announce
from jobs.asking import verify_step
from jobs.clock import running_from
from jobs.credentials import some_credentials
from jobs.deliver import Courier, DeliverReport, Rules
from jobs.exception_book import exceptions_of_cases
from jobs.inventory import inventory_step
from jobs.judge import judge_all
from jobs.ledger import seal, witness_line
from jobs.lock import only_runner
from jobs.metrics import measure, publish
from jobs.outcome import Exit, Problem, exit_code, problem
from jobs.people import circle, read_people
from jobs.pile import JudgeReport
from jobs.progress import Progress
from jobs.retention import forget_old
from jobs.scan import ScanReport, scan_sources
from jobs.subject import Subject, subjects_of
from jobs.succession import handovers_of_cases, terms_of
from jobs.time_stamp import stamp_newest
from jobs.verify import VerifyReport
from jobs.version import version
from jobs.wiring import Wiring

NO_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Allowances:
    """The explicit words that lift a guard for one run; None keeps the configured limit."""

    tickets: int | None = None
    leavers: int | None = None


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run came to. `odd_rows` are those of the people feeds, counted by feed."""

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
    odd_rows: tuple[tuple[str, int], ...] = ()


def nightly(
    wiring: Wiring, store: Store, now: datetime, allowed: Allowances, progress: Progress
) -> RunReport:
    """Read people, scan what is new, ask issuers, judge, and bring tickets in line.

    Each step keeps what it did before the next begins; a run that was killed is taken up
    by the next one. Raises Unavailable when another run is under way or the store is gone.
    """
    started, clock = time.monotonic(), running_from(now)
    run = RunRecord(uuid.uuid4().hex, "nightly", now)
    policy = wiring.config.policy
    kinds = {kind.id: kind for kind in wiring.kinds}
    with only_runner(wiring.config.organisation.state, store, now):
        began = _taken_up(store)
        _begin(store, run, wiring)
        progress.stage("reading people")
        limit = policy.max_new_leavers if allowed.leavers is None else allowed.leavers
        vouched, order = allowed.leavers or 0, policy.feed_order
        people = read_people(wiring.feeds(), store, now, limit, vouched, order)
        progress.stage("reading issuers' lists")
        lists = inventory_step(wiring, store, now)
        scan = scan_sources(wiring, store, now, progress)
        asked = verify_step(wiring, store, kinds, now, progress, since=began, clock=clock)
        progress.stage("judging")
        judged = judge_all(store, kinds, now, policy.proof_gap_seconds)
        delivered = deliver_step(wiring, store, kinds, now, allowed, progress)
        forget_old(store, policy.forget_after_days, now)
        # what people accepted in tickets, and what was reopened, counts in this run already
        coverage = (*people.coverage, *lists.coverage, *scan.coverage, *_unasked(asked))
        figures = metrics_step(wiring, store, kinds, run, coverage)
        problems = (
            *(*people.problems, *lists.problems, *scan.problems),
            *(*delivered.problems, *figures),
        )
        open_cases = count_open(store)
        code = exit_code(coverage, problems, findings=open_cases > 0)
        run = replace(run, finished_at=datetime.now(UTC), outcome=code.name.lower())
        _end(store, run, coverage, wiring.ledger_key())
        problems += stamp_step(wiring, store)
    seconds = time.monotonic() - started
    return RunReport(
        run,
        coverage,
        problems,
        scan,
        asked,
        judged,
        delivered,
        open_cases,
        seconds,
        code,
        people.odd,
    )


def deliver_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    allowed: Allowances,
    progress: Progress,
) -> DeliverReport:
    """Bring every ticket system in line with the cases, and tell every outlet what happened."""
    policy = wiring.config.policy
    limit = policy.max_new_tickets if allowed.tickets is None else allowed.tickets
    rules = Rules(
        limit,
        frozenset(name.casefold() for name in policy.accepted_resolutions),
        policy.settle_seconds,
        frozenset() if policy.ticket_hygiene else HYGIENE,
        policy.break_glass,
        timedelta(days=policy.waiver_days) if policy.waiver_days else None,
        wiring.config.sla.deadlines(),
    )
    report, terms = DeliverReport(), terms_of(policy)
    witness = partial(witness_line, store, wiring.ledger_key(), lambda: datetime.now(UTC))
    for sink in wiring.sinks():
        progress.stage(f"tickets in {sink.name}")
        deliver_to(sink, store, kinds, now, rules, report, terms=terms, witness=witness)
    report.problems += announce_step(wiring, store, kinds, now, rules, progress)
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
    terms: Terms = NO_TERMS,
    witness: Callable[[], str] = str,
) -> None:
    """Bring one ticket system in line with the cases as they now stand."""
    subjects = subjects_now(store, kinds, now, terms, rules.break_glass, rules.deadlines)
    Courier(sink, store, rules, clock, wait, report, witness).deliver(subjects)


def subjects_now(
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    terms: Terms = NO_TERMS,
    break_glass: Sequence[str] = (),
    deadlines: Deadlines = NONE,
) -> dict[CaseKey, Subject]:
    """Return all that is told of each case, as the cases now stand."""
    with store.transaction() as tx:
        cases = tx.cases.cases()
        credentials = some_credentials(tx, kinds, {held.fingerprint for held in cases})
        known = circle(tx, now)
        known.know({held.person for held in cases if held.person is not None})
        handovers = handovers_of_cases(tx, known, terms, now)
        exceptions = exceptions_of_cases(tx, known, cases, now)
    exposures: dict[object, tuple[Exposure, ...]] = defaultdict(tuple)
    answers: dict[object, Liveness] = {}
    for item in credentials:
        exposures[item.fingerprint] = item.exposures
        if item.liveness is not None:
            answers[item.fingerprint] = item.liveness
    listed: dict[object, Listed] = {
        item.fingerprint: item.listed for item in credentials if item.listed is not None
    }
    return subjects_of(
        *(cases, kinds, exposures, answers, known.staff.people.persons, listed, handovers),
        *(break_glass, deadlines, exceptions),
    )


def announce_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    now: datetime,
    rules: Rules,
    progress: Progress,
) -> list[Problem]:
    """Tell every outlet what happened to the cases, of which as many and as few as get tickets."""
    outlets, report = wiring.outlets(), AnnounceReport()
    if not outlets:
        return []
    telling = TellingRules(rules.max_new_tickets, rules.unticketed)
    subjects = subjects_now(store, kinds, now, deadlines=rules.deadlines)
    tickets: dict[CaseKey, tuple[str, ...]] = defaultdict(tuple)
    for sink in wiring.config.of("tickets"):
        with store.transaction() as tx:
            for key, made in tx.cases.deliveries(sink.name).items():
                tickets[key] += (made.ref.key,) if made.ref is not None else ()
    for outlet in outlets:
        progress.stage(f"notices to {outlet.name}")
        announce(outlet, store, subjects, tickets, telling, now, report, lambda: datetime.now(UTC))
    return report.problems


def stamp_step(wiring: Wiring, store: Store) -> tuple[Problem, ...]:
    """Have the newest head of the ledger time-stamped, where that is configured."""
    if not wiring.config.ledger.timestamp_url:
        return ()
    return tuple(stamp_newest(store, wiring.time_authority, lambda: datetime.now(UTC)))


def metrics_step(
    wiring: Wiring,
    store: Store,
    kinds: Mapping[KindId, Kind],
    run: RunRecord,
    coverage: Sequence[Coverage],
) -> list[Problem]:
    """Write the figures for Prometheus, if a file is configured for them."""
    path = wiring.config.metrics.prometheus_file
    if path is None:
        return []
    deadlines = wiring.config.sla.deadlines()
    made = measure(store, kinds, run.started_at, deadlines, run, coverage)
    try:
        publish(store, made, path)
    except OffkeyError as error:
        return [problem("metrics", "prometheus_file", error)]
    return []


def count_open(store: Store) -> int:
    """Return how many cases still ask something of somebody."""
    with store.transaction() as tx:
        return sum(1 for held in tx.cases.cases() if not held.state.ended)


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


def _begin(store: Store, run: RunRecord, wiring: Wiring) -> None:
    """Record the run and all it means to look at: if it is killed, that is what was not seen."""
    planned = [
        Coverage(item.name, "", CoverageState.PLANNED)
        for role in ("people", "inventory", "source")
        for item in wiring.config.of(role)
    ]
    facts = {
        "job": run.job,
        "version": version(),
        "rules": digest_of(wiring.kinds),
        "policy": digest_of(wiring.config.policy),
    }
    with store.transaction() as tx:
        tx.runs.save_run(run)
        tx.runs.replace_coverage(run.id, planned)
        tx.runs.append(LedgerEntry(run.started_at, "run_begin", run.id, facts))


def _end(store: Store, run: RunRecord, coverage: Sequence[Coverage], key: LedgerKey) -> None:
    states: dict[str, int] = defaultdict(int)
    with store.transaction() as tx:
        tx.runs.replace_coverage(run.id, coverage)
        for part in coverage:
            states[part.state.value] += 1
        tx.runs.save_run(run)
        facts = {
            "outcome": run.outcome,
            "coverage": dict(states),
            "coverage_digest": digest_of(coverage),
        }
        tx.runs.append(LedgerEntry(run.started_at, "run_end", run.id, facts))
        seal(tx, key, run.finished_at or run.started_at)
