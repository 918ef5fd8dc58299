"""`offkey metrics`: the figures on leavers' credentials, for people, programs and Prometheus."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from correlate.codec import record_of
from correlate.errors import ConfigError
from correlate.metrics import Metrics
from correlate.survival import Quantile
from correlate.verdict import LedgerEntry
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.config import Config
from jobs.metrics import measure, publish
from jobs.outcome import Exit
from jobs.prometheus_file import text_of

SCHEMA_VERSION = 1
_ESTIMATOR = "Kaplan-Meier; 95 % pointwise, Greenwood's variance, log(-log)"


@click.command()
@format_option("text", "json", "prometheus")
@output_option()
@click.option("--publish", "put", is_flag=True, help="Write metrics.prometheus_file too.")
@click.pass_obj
def metrics(app: App, form: str, output: Path | None, *, put: bool) -> int:
    """Tell how many of leavers' credentials are still live, and how long it takes until they die.

    What is not known stands beside, on neither side. Exit code 3 says that the last run did not look
    at everything.
    """
    wiring = app.wiring()
    path = _path(wiring.config) if put else None
    kinds = {kind.id: kind for kind in wiring.kinds}
    with app.opened(wiring) as store:
        now = datetime.now(UTC)
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(now, "export", f"metrics {form}", {}))
        made = measure(store, kinds, now, wiring.config.sla.deadlines())
        if path is not None:
            publish(store, made, path)
            app.say(f"wrote {path}")
    deliver_text(app, formatted(made, form), output)
    return Exit.CLEAN if made.covered.share == 1 else Exit.INCOMPLETE


def formatted(made: Metrics, form: str) -> str:
    """Return the figures in one of the formats."""
    match form:
        case "json":
            return json.dumps(record(made), indent=2)
        case "prometheus":
            return text_of(made).rstrip("\n")
        case _:
            return "\n".join(told(made))


def record(made: Metrics) -> dict[str, object]:
    """Return the figures as plain data, those that follow from others included."""
    derived = {
        "still_live": made.shares.still_live,
        "deadlines_in_time": made.in_time,
        "orphans": made.orphans,
        "coverage_share": made.covered.share,
        "estimator": _ESTIMATOR,
    }
    return {"schema_version": SCHEMA_VERSION, **record_of(made), **derived}


def told(made: Metrics) -> list[str]:
    """Return the figures in a few lines."""
    held, took, lived = made.shares, made.rejection, made.exposed
    cases = ", ".join(f"{kind} {count}" for kind, count in made.open_cases.items() if count)
    lines = [
        f"as of       {made.made_at:%Y-%m-%d %H:%M} UTC, {made.leavers} people have left",
        (
            f"live        {percent(held.still_live)} of leavers' credentials: {held.live} live, {held.dead} dead; "
            f"{held.unknown} more are not known"
        ),
        f"rejected    half {within(took.median)}; nine tenths {within(took.p90)}",
        (
            f"exposure    {lived.at_least:,.0f} to {lived.at_most:,.0f} days live after a leave; "
            f"{lived.not_known:,.0f} more are not known"
        ),
        f"deadlines   {_deadlines(made)}",
        (
            f"exceptions  {made.exceptions.open} hold, {made.exceptions.expired} are past their end, "
            f"{made.exceptions.void} void"
        ),
        (
            f"cases       {sum(made.open_cases.values())} open ({cases or 'none'}); "
            f"{made.orphans} orphans; {made.accepted_risks} accepted risks"
        ),
        (
            f"coverage    {percent(made.covered.share)} of {sum(made.covered.parts.values())} parts whole, "
            f"{made.covered.skipped} items skipped"
        ),
    ]
    if held.unconfirmed:
        lines.insert(2, f"            {held.unconfirmed} of the live were not confirmed for a week")
    return lines


def percent(share: float | None) -> str:
    """Return a share as people read it."""
    return "not known" if share is None else f"{100 * share:.0f} %"


def within(found: Quantile) -> str:
    """Return by when a share was rejected, with its limits, in words."""
    if found.day is None:
        return "not yet"
    low, high = ("open" if edge is None else f"{edge:.1f}" for edge in (found.low, found.high))
    return f"within {found.day:.1f} days (95 %: {low} to {high})"


def _deadlines(made: Metrics) -> str:
    if not made.deadlines:
        return "none are set ([sla])"
    counts = ", ".join(f"{count} {name}" for name, count in made.deadlines.items())
    return f"{percent(made.in_time)} kept ({counts})"


def _path(config: Config) -> Path:
    if config.metrics.prometheus_file is not None:
        return config.metrics.prometheus_file
    raise ConfigError(
        "There is no file to write", where="metrics.prometheus_file", why="it is not set",
        fix="name a file that ends in .prom, or print with --format prometheus",
    )  # fmt: skip
