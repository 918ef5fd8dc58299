"""The report as one self-contained HTML file: escaped by default, no script, no outside request."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from correlate.model import CoverageState
from jobs.report_chart import in_words, lifelines, stacked
from jobs.report_curve import curve
from jobs.report_rows import Report

_FOLDER = Path(__file__).parent / "templates"


def render(report: Report) -> str:
    """Return the report as HTML."""
    states = [line.state for line in report.lifelines]
    counts = [(name, states.count(name)) for name in ("live", "unknown", "dead")]
    return page(
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


def page(template: str, **values: object) -> str:
    """Return a page with our style sheet. Its policy allows that inside it and nothing else."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (_FOLDER / "report.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    return environment.get_template(template).render(style=style, policy=policy, **values)


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
