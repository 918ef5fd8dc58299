"""`offkey run nightly`: the main job."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from correlate.model import CoverageState, LivenessState
from jobs.cli.context import App
from jobs.nightly import Allowances, RunReport, nightly


@click.group()
def run() -> None:
    """Run a job now."""


@run.command("nightly")
@click.option("--allow-tickets", type=click.IntRange(0), help="Open up to N new tickets this once.")
@click.option(
    "--allow-leavers", type=click.IntRange(0), help="Believe up to N new leavers this once."
)
@click.pass_obj
def run_nightly(app: App, allow_tickets: int | None, allow_leavers: int | None) -> int:
    """Scan what is new, read people, ask issuers, judge, and keep tickets in line."""
    wiring = app.wiring()
    with app.opened(wiring) as store, app.progress() as progress:
        allowed = Allowances(allow_tickets, allow_leavers)
        report = nightly(wiring, store, datetime.now(UTC), allowed, progress)
    for line in summary(report):
        click.echo(line)
    return report.exit


def summary(report: RunReport) -> list[str]:
    """Return the run in at most fifteen lines, what was not looked at included."""
    states = report.verify.states
    live = states.get(LivenessState.LIVE, 0) + states.get(LivenessState.LIVE_LIMITED, 0)
    dead = states.get(LivenessState.DEAD, 0)
    moved, sent = report.judge, report.deliver
    lines = [
        f"coverage   {_coverage(report)}",
        (
            f"scanned    {report.scan.items:,} new items, {_bytes(report.scan.bytes)}; "
            f"{report.scan.found} new places, {report.scan.skipped} items skipped"
        ),
        (
            f"issuers    {report.verify.asked} asked: {live} live, {dead} dead, "
            f"{report.verify.asked - live - dead} not provable"
        ),
        (
            f"cases      {report.open_cases} open: {moved.opened} new, {moved.closed} closed by proof, "
            f"{moved.reopened} reopened, {moved.void} void; {moved.watched} on watch"
        ),
        (
            f"tickets    {sent.opened} opened, {sent.updated} updated, {sent.closed} closed, "
            f"{sent.reopened} reopened, {sent.respected} left as a person resolved them"
        ),
    ]
    if report.odd_rows:
        odd = ", ".join(f"{feed} {count}" for feed, count in report.odd_rows)
        lines.append(f"feeds      odd rows: {odd[:200]}; see `offkey people findings`")
    lines += [f"problem    {item.place}: {item.what}"[:300] for item in report.problems[:6]]
    if len(report.problems) > 6:  # noqa: PLR2004  # the slice above
        lines.append(f"problem    and {len(report.problems) - 6} more")
    lines.append(
        f"outcome    {report.exit.name.lower()} (exit {int(report.exit)}) in {report.seconds:.1f} s"
    )
    return lines


def _coverage(report: RunReport) -> str:
    counts = dict.fromkeys(CoverageState, 0)
    for part in report.coverage:
        counts[part.state] += 1
    return (
        f"{len(report.coverage)} parts: {counts[CoverageState.COMPLETE]} complete, "
        f"{counts[CoverageState.INCOMPLETE]} incomplete, {counts[CoverageState.FAILED]} failed"
    )


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004  # the step between units
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
