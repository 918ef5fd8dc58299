"""The report as one self-contained HTML file: escaped by default, no script, no outside request."""

from __future__ import annotations

from correlate.model import CoverageState
from jobs.page import render_page
from jobs.report_chart import in_words, lifelines, stacked
from jobs.report_curve import curve
from jobs.report_rows import Report


def render(report: Report) -> str:
    """Return the report as HTML."""
    states = [line.state for line in report.lifelines]
    counts = [(name, states.count(name)) for name in ("live", "unknown", "dead")]
    return render_page(
        "report.html.j2",
        report=report,
        chart=lifelines(report.lifelines, report.made_at),
        share=stacked(counts),
        counts=dict(counts),
        summary=in_words(report.lifelines, report.made_at),
        curve=curve(report.metrics.rejection.steps, report.metrics.rejection.followed),
        open_cases=report.open_cases(),
        gaps=[part for part in report.coverage if part.state is not CoverageState.COMPLETE],
        skipped=sum(part.skipped for part in report.coverage),
    )
