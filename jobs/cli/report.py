"""`offkey report`: the whole picture, for people or programs."""

from __future__ import annotations

from pathlib import Path

import click

from jobs import export, report_html
from jobs.cli.cases import load_report
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.outcome import Exit
from jobs.report_rows import Report
from jobs.version import version


@click.command()
@format_option("html", "text", "json", "jsonl", "csv", "sarif")
@output_option()
@click.pass_obj
def report(app: App, form: str, output: Path | None) -> int:
    """Tell who left, what of theirs is still live, where, and what was not looked at."""
    made = load_report(app, f"report {form}")
    deliver_text(app, formatted(made, form), output)
    if not made.complete:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if made.open_cases() else Exit.CLEAN


def formatted(made: Report, form: str) -> str:
    """Return a report in one of the formats."""
    match form:
        case "html":
            return report_html.render(made)
        case "json":
            return export.report_json(made)
        case "jsonl":
            return export.rows_jsonl(export.case_records(made.cases))
        case "csv":
            return export.rows_csv(export.case_records(made.cases), export.CASE_COLUMNS)
        case "sarif":
            return export.sarif(export.case_records(made.open_cases()), version())
        case _:
            return "\n".join(told(made))


def told(made: Report) -> list[str]:
    """Return the report's figures in a few lines."""
    share = "not known" if made.live_share is None else f"{100 * made.live_share:.0f} %"
    unknown = sum(1 for line in made.lifelines if line.state == "unknown")
    lines = [
        f"as of      {made.made_at:%Y-%m-%d %H:%M} UTC, last run {made.run_outcome or 'did not end'}",
        f"people     {made.people} known, {len(made.leavers)} left, {len(made.leaving)} about to leave",
        f"live       {share} of leavers' credentials ({unknown} more are not known)",
        f"cases      {len(made.open_cases())} open of {len(made.cases)}",
        f"watch      {len(made.watches)} credentials of leavers could not be proved either way",
        f"coverage   {'complete' if made.complete else 'INCOMPLETE: see what was not looked at'}",
    ]
    lines += [
        f"left       {row.left_at:%Y-%m-%d} {row.name}: {row.live} live, {row.unknown} not known, "
        f"{row.dead} dead, {row.cases} open cases"
        for row in made.leavers
        if row.live or row.cases
    ]
    return lines
