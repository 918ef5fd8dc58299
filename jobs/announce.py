"""Step: tell outlets what happened to cases, each transition once in each outlet.

What is about to be told is committed, with its ledger entry, before it is sent. What a crash or
a lost answer leaves open is told again in the next run, under the same id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from correlate.announce import due, notice
from correlate.errors import OffkeyError, Refused
from correlate.model import CaseKey
from correlate.notice import Notice, Outcome, Receipt, Told
from correlate.ports import Outlet
from correlate.ports_store import Store
from correlate.verdict import CaseKind, LedgerEntry
from jobs.outcome import Problem, problem
from jobs.subject import Subject

STEP = "outlets"


@dataclass(frozen=True, slots=True)
class TellingRules:
    """How many notices one run may send to an outlet unasked, and which kinds of case are not told of."""

    max_new: int
    untold: Collection[CaseKind] = ()


@dataclass(slots=True)
class AnnounceReport:
    """What became of the notices."""

    taken: int = 0
    refused: int = 0
    unclear: int = 0
    problems: list[Problem] = field(default_factory=list)


def announce(
    outlet: Outlet,
    store: Store,
    subjects: Mapping[CaseKey, Subject],
    tickets: Mapping[CaseKey, tuple[str, ...]],
    rules: TellingRules,
    now: datetime,
    report: AnnounceReport,
    clock: Callable[[], datetime],
) -> None:
    """Tell one outlet all that it was not told yet. An outlet that fails never ends the run."""
    with store.transaction() as tx:
        before = {row.id: row for row in tx.notices.told(outlet.name)}
    made = _made(subjects, tickets, before, rules, now)
    try:
        _guard(outlet, made, before, rules)
        rows = [_row(outlet, one, subjects[one.case], before, clock()) for one in made]
        _commit(store, outlet, rows, clock())
        receipts = outlet.send(made) if made else ()
    except OffkeyError as error:
        report.problems.append(problem(STEP, outlet.name, error))
        return
    _keep(store, outlet, rows, receipts, clock(), report)


def _made(
    subjects: Mapping[CaseKey, Subject],
    tickets: Mapping[CaseKey, tuple[str, ...]],
    before: Mapping[str, Told],
    rules: TellingRules,
    now: datetime,
) -> list[Notice]:
    told: dict[CaseKey, list[Told]] = defaultdict(list)
    for row in before.values():
        told[row.case].append(row)
    return [
        notice(item.case, move, item.kind.name, item.person, tickets.get(key, ()), now)
        for key, item in subjects.items()
        if item.case.kind not in rules.untold
        for move in due(item.case, item.liveness, told[key], now, item.due_at)
    ]


def _guard(
    outlet: Outlet, made: Sequence[Notice], before: Mapping[str, Told], rules: TellingRules
) -> None:
    new = sum(one.id not in before for one in made)
    if new > rules.max_new:
        raise Refused(
            "Too many notices at once", where=outlet.name,
            why=f"{new} would be sent, {rules.max_new} are allowed in one run",
            fix=f"look at `offkey cases`; if it is right, rerun with --allow-tickets {new}",
        )  # fmt: skip


def _row(
    outlet: Outlet, one: Notice, subject: Subject, before: Mapping[str, Told], now: datetime
) -> Told:
    case, earlier = subject.case, before.get(one.id)
    attempts = earlier.attempts + 1 if earlier else 1
    return Told(
        outlet.name, one.id, case.key, one.transition, case.generation, case.severity,
        Outcome.SENDING, now, attempts,
    )  # fmt: skip


def _commit(store: Store, outlet: Outlet, rows: Sequence[Told], now: datetime) -> None:
    """Commit what is about to be told before anything is sent."""
    with store.transaction() as tx:
        tx.notices.save_told(rows)
        tx.runs.append(*(
            LedgerEntry(now, "notice", row.case, {
                "outlet": outlet.name, "id": row.id, "transition": row.transition.value,
                "attempt": row.attempts,
            })
            for row in rows
        ))  # fmt: skip


def _keep(
    store: Store,
    outlet: Outlet,
    rows: Sequence[Told],
    receipts: Sequence[Receipt],
    now: datetime,
    report: AnnounceReport,
) -> None:
    said = {receipt.id: receipt for receipt in receipts}
    kept = [replace(row, outcome=said[row.id].outcome, at=now) for row in rows if row.id in said]
    with store.transaction() as tx:
        tx.notices.save_told(kept)
    counts = {one: sum(row.outcome is one for row in kept) for one in Outcome}
    report.taken += counts[Outcome.TAKEN]
    report.refused += counts[Outcome.REFUSED]
    report.unclear += counts[Outcome.SENDING] + len(rows) - len(kept)
    failed = [receipt for receipt in receipts if receipt.outcome is not Outcome.TAKEN]
    if failed:
        report.problems.append(problem(STEP, outlet.name, _failed(outlet, failed)))


def _failed(outlet: Outlet, failed: Sequence[Receipt]) -> OffkeyError:
    reasons = sorted({receipt.reason for receipt in failed})
    return Refused(
        f"{len(failed)} notices were not taken", where=outlet.name, why="; ".join(reasons)[:200],
        fix="those that were not refused are sent again in the next run",
    )  # fmt: skip
