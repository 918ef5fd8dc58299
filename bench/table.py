"""What was measured, as a table in Markdown, as bars to look at, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape

from bench.checks import Checks
from bench.company import Company
from bench.history import FLOOR, OURS, PLAIN, Row
from bench.ledger import Ledger, Spread
from bench.nights import Night
from bench.repositories import Measured

_BAR, _LINE, _LEFT, _WIDTH = 18, 26, 250, 900
_COLOURS = {OURS: "#1f6f4a", FLOOR: "#9aa5b1", PLAIN: "#9aa5b1"}


@dataclass(frozen=True, slots=True)
class Results:
    """All of one `make bench`."""

    machine: str
    repositories: Sequence[Measured]
    rows: Sequence[Row]
    nights: Sequence[Night]
    starts: Mapping[str, float]
    missing: Sequence[str]
    checks: Checks | None = None
    company: Company | None = None
    ledger: Ledger | None = None


def markdown(results: Results) -> str:
    """Return the tables, with the ratios that the targets are about."""
    lines = [f"# offkey, measured\n\n{results.machine}\n"]
    if results.missing:
        lines.append(f"Not installed, so not measured: {', '.join(results.missing)}.\n")
    for repository in results.repositories:
        lines += _repository(
            repository, [r for r in results.rows if r.repository == repository.name]
        )
    lines += ["## Nights over unchanged mirrors\n", "| night | own CPU | processes it starts (git, scanning) | objects read |", "| --- | --- | --- | --- |"]  # fmt: skip
    lines += [f"| {n.name} | {n.own_ms:.1f} ms a repository | {n.started_ms:.1f} ms a repository | {n.items:,} |" for n in results.nights]  # fmt: skip
    lines += ["\n## Starting\n", "| command | best wall time |", "| --- | --- |"]
    lines += [f"| {name} | {ms:,.0f} ms |" for name, ms in results.starts.items()]
    if results.checks is not None:
        lines += _checks(results.checks)
    if results.company is not None:
        lines += _company(results.company)
    if results.ledger is not None:
        lines += _ledger(results.ledger)
    return "\n".join(lines) + "\n"


def as_json(results: Results) -> str:
    """Return everything for a machine."""
    plain = asdict(results)
    return json.dumps(plain, indent=1, default=str) + "\n"


def picture(results: Results) -> str:
    """Return an SVG: wall seconds of each scanner on each repository, shorter is better."""
    rows = [row for row in results.rows if not row.note]
    longest = max((row.cost.wall for row in rows), default=1.0)
    parts: list[str] = []
    y = 30
    for repository in results.repositories:
        title = f"{repository.name}: {repository.text_mb:,.0f} MB of text in {repository.objects:,} objects"
        parts.append(f'<text x="10" y="{y}" font-weight="bold">{escape(title)}</text>')
        y += 12
        for row in (row for row in rows if row.repository == repository.name):
            wide = max(2.0, row.cost.wall / longest * (_WIDTH - _LEFT - 130))
            colour = _COLOURS.get(row.scanner, "#c4532f")
            parts.append(
                f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(row.scanner)}</text>'
                f'<rect x="{_LEFT}" y="{y}" width="{wide:.0f}" height="{_BAR}" fill="{colour}"/>'
                f'<text x="{_LEFT + wide + 6:.0f}" y="{y + 14}">{row.cost.wall:.1f} s, '
                f"{row.cost.peak_mb:,.0f} MB</text>"
            )
            y += _LINE
        y += 22
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{y}" '
        f'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _repository(repository: Measured, rows: Sequence[Row]) -> list[str]:
    lines = [
        f"## {repository.name}\n",
        _size(repository),
        "| scanner | wall | CPU | peak memory | findings | MB/s | MB per CPU second |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        size = repository.all_mb if row.found is None else repository.text_mb
        speed = (
            f"{size / row.cost.wall:,.0f} | {size / row.cost.cpu:,.0f}" if not row.note else "- | -"
        )
        found = "-" if row.found is None else f"{row.found:,}"
        name = f"{row.scanner} ({row.note})" if row.note else row.scanner
        lines.append(
            f"| {name} | {row.cost.wall:.2f} s | {row.cost.cpu:.2f} s | {row.cost.peak_mb:,.0f} MB "
            f"| {found} | {speed} |"
        )
    return [*lines, "", *_ratios(rows), ""]


def _checks(checks: Checks) -> list[str]:
    row = f"{checks.own_ms:.2f} ms | {checks.bare_ms:.2f} ms | {checks.seconds:.1f} s"
    return [
        "\n## Asking issuers\n",
        "| credentials | own CPU a check | a bare call | wall |",
        "| --- | --- | --- | --- |",
        f"| {checks.credentials:,} | {row} |",
    ]


def _company(made: Company) -> list[str]:
    size = f"{made.people:,} people, {made.credentials:,} credentials in {made.places:,} places"
    rows = (
        ("linking everybody, judging all, writing it", made.first),
        ("judging all again", made.again),
        ("reading feeds of which a few rows are new, and judging all", made.night),
        ("linking everybody and judging all again", made.relinked),
    )
    return [
        "\n## A large company\n",
        f"{size}; {made.cases:,} cases.\n",
        "| step | wall | CPU | peak memory | of the bare reading |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {name} | {cost.wall:.1f} s | {cost.cpu:.1f} s | {cost.peak_mb:,.0f} MB | {cost.wall / made.floor_s:.1f} |"
            for name, cost in rows
        ),
        f"\n`offkey leaver --offline` takes {made.leaver_median_s:.2f} s (median of {len(made.leaver_s)}, at most {made.leaver_s[-1]:.2f} s), its start included.",
    ]


def _size(repository: Measured) -> str:
    return (
        f"{repository.objects:,} objects, {repository.text_mb:,.0f} MB of text "
        f"({repository.all_mb:,.0f} MB with trees).\n"
    )


def _ratios(rows: Sequence[Row]) -> list[str]:
    by_name = {row.scanner: row.cost for row in rows}
    ours = by_name.get(OURS)
    if ours is None:
        return []
    told = [
        f"offkey's wall time is {ours.wall / cost.wall:.2f} of {name}'s."
        for name, cost in by_name.items()
        if name.startswith("kingfisher")
    ]
    told += [
        f"offkey's CPU is {ours.cpu / by_name[name].cpu:.2f} times that of `{name}`."
        for name in (PLAIN, FLOOR)
        if name in by_name
    ]
    return [" ".join(told)] if told else []


def _ledger(made: Ledger) -> list[str]:
    ratio = made.append_s / made.floor_s
    return [
        f"\n## The ledger, {made.entries:,} entries\n",
        "| appending | of it own CPU | bare insertion of the same rows | ratio | checking all |",
        "| --- | --- | --- | --- | --- |",
        (
            f"| {made.append_s:.1f} s | {made.append_cpu_s:.1f} s | {made.floor_s:.1f} s | {ratio:.1f} "
            f"| {made.check_s:.1f} s |"
        ),
        "\n| a proof | median | 99 % | the slowest | own CPU: median | 99 % | the slowest |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        f"| of a store read before | {_shown(made.warm.wall)} | {_shown(made.warm.cpu)} |",
        f"| of a store just opened | {_shown(made.cold.wall)} | {_shown(made.cold.cpu)} |",
    ]


def _shown(made: Spread) -> str:
    return f"{made.median:.1f} ms | {made.p99:.1f} ms | {made.worst:.1f} ms"
