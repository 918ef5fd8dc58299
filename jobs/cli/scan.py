"""`offkey scan PATH`: no configuration, no network, no account."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click
from platformdirs import user_cache_path

from correlate.kind import Grade
from correlate.model import Coverage, CoverageState, Skip
from jobs.cache import cache_folder
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.cli.table import write_table
from jobs.export import (
    FINDING_COLUMNS,
    finding_records,
    rows_csv,
    rows_json,
    rows_jsonl,
    sarif,
)
from jobs.outcome import Exit
from jobs.printable import printable
from jobs.rules import RuleFiles
from jobs.scan_path import scan_path
from jobs.scan_pool import UnitOutcome
from jobs.version import version

SHOWN = 200
BASELINE = ".secrets.baseline"
_HEADS = ("kind", "fingerprint", "where", "commit", "put there by", "now")


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--generic", is_flag=True, help="Show passwords and keys of no known issuer too.")
@click.option(
    "--kinds",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder with kinds of your own.",
)
@click.option(
    "--pack",
    "packs",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="A rule pack of another scanner: a file, or a folder of them.",
)
@click.option("--dropped", is_flag=True, help="Show what was taken for no credential, and why.")
@format_option("text", "json", "jsonl", "csv", "sarif")
@output_option()
@click.pass_obj
def scan(
    app: App,
    path: Path,
    folders: tuple[Path, ...],
    packs: tuple[Path, ...],
    form: str,
    output: Path | None,
    *,
    generic: bool,
    dropped: bool,
) -> int:
    """Scan PATH: every object a git repository ever stored, or a folder's files.

    Nothing found is sent anywhere; whether a credential is live is not asked. What PATH's own
    .secrets.baseline says was audited is shown as allow-listed.
    """
    baseline = path / BASELINE
    rules = RuleFiles(folders, packs, (), (baseline,) if baseline.is_file() else ())
    with app.progress() as progress:
        progress.stage(f"scanning {path}")

        def count(outcome: UnitOutcome) -> None:
            progress.advance(len(outcome.items))

        cache = cache_folder(user_cache_path("offkey", ensure_exists=True))
        found = scan_path(path, rules=rules, cache=cache, tell_dropped=dropped, on_outcome=count)
    issuer = {kind.id for kind in found.kinds if kind.grade is Grade.ISSUER}
    exposures = [item for item in found.exposures if generic or item.kind in issuer]
    records = sorted(finding_records(exposures), key=_order)
    if form == "text" and output is None:
        write_table(app, _HEADS, map(_cells, records[:SHOWN]))
    else:
        deliver_text(app, _formatted(records, form, found.coverage), output)
    hidden = len(found.exposures) - len(exposures)
    for line in told(
        records, hidden, found.coverage, found.skips, {} if dropped else found.dropped
    ):
        app.say(line)
    if any(part.state is not CoverageState.COMPLETE for part in found.coverage):
        return Exit.INCOMPLETE
    return Exit.FINDINGS if any(not record["suppressed"] for record in records) else Exit.CLEAN


def told(
    records: list[dict[str, Any]],
    hidden: int,
    coverage: tuple[Coverage, ...],
    skips: tuple[Skip, ...],
    dropped: Mapping[str, int] = MappingProxyType({}),
) -> list[str]:
    """Return what a scan came to: found, looked at, and not looked at."""
    credentials = len({(record["kind"], record["fingerprint"]) for record in records})
    items = sum(part.items for part in coverage)
    size = sum(part.bytes for part in coverage)
    lines = [f"{credentials} credentials in {len(records)} places"]
    if len(records) > SHOWN:
        lines.append(f"{len(records) - SHOWN} more places than shown; use --format csv")
    if hidden:
        lines.append(f"{hidden} generic secrets not shown; add --generic")
    if dropped:
        most = sorted(dropped.items(), key=lambda item: -item[1])[:3]
        why = ", ".join(f"{reason} ({count:,})" for reason, count in most)
        total = sum(dropped.values())
        lines.append(f"{total:,} look-alikes dropped: {why}; --dropped shows them")
    lines.append(f"looked at {items:,} items, {size:,} bytes; {len(skips)} could not be read")
    lines += [f"not read: {skip.item[:12]} {skip.reason}" for skip in skips[:5]]
    if not size:
        lines.append("0 bytes were scanned: this says nothing about what is there")
    return lines


def _order(record: dict[str, Any]) -> tuple[str, ...]:
    """One credential's places stand together, oldest first."""
    return tuple(
        str(record[name]) for name in ("kind", "fingerprint", "introduced_at", "path", "line")
    )


def _cells(record: dict[str, Any]) -> tuple[str, ...]:
    where = " ".join(
        part
        for part in (
            str(record["path"]),
            str(record["part"]),
            f"line {record['line']}" if record["line"] else "",
        )
        if part
    )
    who = f"{record['introduced_by']} {record['introduced_at'][:10]}".strip() or "not known"
    cells = (record["kind"], record["fingerprint"], where, record["commit"][:10], who, _now(record))
    return tuple(printable(str(cell)) for cell in cells)  # a path has one line, whatever is in it


def _now(record: dict[str, Any]) -> str:
    if record["suppressed"]:
        return "allow-listed"
    if record["reachable"] == "no":
        return "unreachable, still stored"
    return {"yes": "at the tip", "no": "in the history"}.get(record["at_tip"], "")


def _formatted(records: list[dict[str, Any]], form: str, coverage: tuple[Coverage, ...]) -> str:
    match form:
        case "json":
            return rows_json(records, coverage)
        case "jsonl":
            return rows_jsonl(records)
        case "sarif":
            return sarif(records, version())
        case _:
            return rows_csv(records, FINDING_COLUMNS)
