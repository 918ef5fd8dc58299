"""`offkey cases` and `offkey show CASE`: what is held against whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from correlate.errors import ConfigError
from correlate.exception_rules import times
from correlate.verdict import LedgerEntry
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.cli.table import write_table
from jobs.export import CASE_COLUMNS, case_records, rows_csv, rows_json, rows_jsonl, sarif
from jobs.outcome import Exit
from jobs.report_data import collect
from jobs.report_rows import CaseRow, Report
from jobs.version import version

_HEADS = (
    "case", "kind", "severity", "state", "credential", "person", "ticket", "due", "where",
)  # fmt: skip


def load_report(app: App, what: str) -> Report:
    """Return the report on the store as it is now; the ledger says first that `what` was shown."""
    wiring = app.wiring()
    with app.opened(wiring) as store:
        kinds = {kind.id: kind for kind in wiring.kinds}
        sinks = [item.name for item in wiring.config.of("tickets")]
        now = datetime.now(UTC)
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(now, "export", what, {}))
        deadlines = wiring.config.sla.deadlines()
        return collect(store, kinds, wiring.config.organisation.name, sinks, now, deadlines)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Closed and void cases too.")
@click.option("--person", default="", help="Only cases held against this person's id.")
@format_option("text", "json", "jsonl", "csv", "sarif")
@output_option()
@click.pass_obj
def cases(app: App, person: str, form: str, output: Path | None, *, everything: bool) -> int:
    """List the cases."""
    report = load_report(app, "cases")
    rows = [
        row for row in report.cases if (everything or not row.ended) and person in ("", row.person)
    ]
    if form == "text" and output is None:
        write_table(app, _HEADS, (_cells(row, report.made_at) for row in rows))
    else:
        deliver_text(app, _formatted(rows, form, report), output)
    if not report.complete:
        app.say("the last run did not look at everything; see `offkey report`")
    return Exit.FINDINGS if rows else Exit.CLEAN


@click.command()
@click.argument("case")
@format_option("text", "json")
@click.pass_obj
def show(app: App, case: str, form: str) -> int:
    """Show one case: CASE is its key or the beginning of it, or a ticket's key."""
    report = load_report(app, f"case {case}")
    row = one_case(report, case)
    if form == "json":
        click.echo(rows_json(case_records([row]), ()))
    else:
        for line in told(row, report.made_at):
            click.echo(line)
    return Exit.CLEAN if row.ended else Exit.FINDINGS


def one_case(report: Report, case: str) -> CaseRow:
    """Return the case that is named by its key, the beginning of it, or a ticket's key."""
    found = [row for row in report.cases if row.key.startswith(case) or case in row.tickets]
    if len(found) == 1:
        return found[0]
    raise ConfigError(
        "No such case" if not found else "Several cases begin like that",
        where=case,
        why=f"{len(found)} of {len(report.cases)} cases fit",
        fix="list them with `offkey cases --all --format csv`",
    )


def told(row: CaseRow, now: datetime) -> list[str]:
    """Return a case as lines of text."""
    facts = [
        ("case", f"{row.kind} {row.key}, {row.state}, {row.severity}"),
        ("what", row.title),
        ("credential", f"{row.credential} {row.fingerprint}"),
        (
            "issuer says",
            f"{row.liveness}: {row.liveness_reason} ({row.liveness_at:%Y-%m-%d %H:%M} UTC)",
        ),
        ("last used", last_use(row)),
        ("person", f"{row.person_name} {row.person}".strip() or "nobody named"),
        ("left", f"{row.left_at:%Y-%m-%d %H:%M} UTC" if row.left_at else ""),
        ("due", _due(row, now, "%Y-%m-%d %H:%M UTC")),
        ("waived until", _waiver(row)),
        ("tickets", ", ".join(row.tickets)),
        ("note", row.note),
    ]
    lines = [f"{label:12} {text}" for label, text in facts if text]
    for label, items in (
        ("severity", row.why_severe), ("where", row.places), ("why", row.grounds), ("who knew it", row.readers), ("proof", row.proofs),
    ):  # fmt: skip
        lines += [f"{label if not number else '':12} {item}" for number, item in enumerate(items)]
    return lines


def last_use(row: CaseRow) -> str:
    """Return when others than offkey last used the credential, empty where it is not known."""
    if row.last_used_at is None:
        return ""
    after = ", after the leave" if row.used_after_leave else ""
    return f"{row.last_used_at:%Y-%m-%d %H:%M} UTC{after}"


def _waiver(row: CaseRow) -> str:
    if row.waived_until is None:
        return ""
    until = f"{row.waived_until:%Y-%m-%d}"
    if not row.exception:
        return until
    return (
        f"{until}, {row.exception}, {times(row.waiver_renewals)}, approved by {row.waiver_approver}"
    )


def _due(row: CaseRow, now: datetime, form: str) -> str:
    if row.due_at is None:
        return ""
    return f"{row.due_at:{form}}{', overdue' if row.overdue(now) else ''}"


def _cells(row: CaseRow, now: datetime) -> tuple[str, ...]:
    where = row.paths[0] if row.paths else ""
    more = f" +{len(row.paths) - 1}" if len(row.paths) > 1 else ""
    return (
        row.key[:8], row.kind, row.severity, row.state, f"{row.credential} {row.fingerprint}",
        row.person_name or "-", ", ".join(row.tickets) or "-",
        _due(row, now, "%Y-%m-%d") or "-", where + more,
    )  # fmt: skip


def _formatted(rows: list[CaseRow], form: str, report: Report) -> str:
    records: list[dict[str, Any]] = case_records(rows)
    match form:
        case "json":
            return rows_json(records, report.coverage)
        case "jsonl":
            return rows_jsonl(records)
        case "csv":
            return rows_csv(records, CASE_COLUMNS)
        case "sarif":
            return sarif(records, version())
        case _:
            return "\n".join("\n".join([*told(row, report.made_at), ""]) for row in rows)
