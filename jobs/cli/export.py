"""`offkey export`: all cases for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from jobs import export as formats
from jobs import export_ocsf
from jobs.cli.cases import load_report
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.control_files import our_crosswalk, our_mapping
from jobs.outcome import Exit
from jobs.report_rows import Report
from jobs.version import version


@click.command()
@format_option("csv", "jsonl", "sarif", "ocsf", "ocsf-compliance")
@output_option()
@click.pass_obj
def export(app: App, form: str, output: Path | None) -> int:
    """Write every case, ended ones too, for a spreadsheet, a SIEM or a code host.

    ocsf gives Detection Findings, ocsf-compliance Compliance Findings by framework, one a line. SARIF
    leaves ended cases out, and marks those of which a person accepted the risk as suppressed. Exit code 3
    says that the last run did not look at everything.
    """
    made = load_report(app, f"export {form}")
    deliver_text(app, formatted(made, form), output)
    return Exit.CLEAN if made.complete else Exit.INCOMPLETE


def formatted(made: Report, form: str) -> str:
    """Return all cases of a report in one of the formats."""
    match form:
        case "jsonl":
            return formats.rows_jsonl(formats.case_records(made.cases))
        case "sarif":
            kept = (row for row in made.cases if not row.ended)
            return formats.sarif(formats.case_records(kept), version())
        case "ocsf":
            return export_ocsf.detections(made.cases, version())
        case "ocsf-compliance":
            rows = our_mapping().rows
            return export_ocsf.compliance(made.cases, rows, our_crosswalk(), version())
        case _:
            return formats.rows_csv(formats.case_records(made.cases), formats.CASE_COLUMNS)
