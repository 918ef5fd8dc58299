"""`offkey demo`: the main job on a fictional company, offline, within a minute."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from correlate.errors import ConfigError
from correlate.ports_store import Store
from correlate.verdict import CaseKind, CaseState
from jobs import config as configuration
from jobs import report_html
from jobs.cli.context import App, deliver_text
from jobs.cli.run import summary
from jobs.exceptions import Desk
from jobs.judge import judge_all
from jobs.kind_files import packaged_kinds
from jobs.nightly import Allowances, RunReport, deliver_step, nightly
from jobs.outcome import Exit
from jobs.progress import Progress
from jobs.report_data import collect
from jobs.report_rows import CaseRow, Report, WatchRow
from jobs.wiring import Wiring
from sample_data.company import PLANTED, build
from sample_data.configuration import write_configuration
from sample_data.exceptions import grant
from sample_data.simulators.run import running

_MARK = "made-by-offkey-demo"


@click.command()
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-company"),
    show_default=True,
    help="Where to build the company; made anew each time.",
)
@click.pass_obj
def demo(app: App, folder: Path) -> int:
    """Build a fictional company, run the main job on it, and compare with its answer key.

    Needs no network and no account: GitHub, GitLab, Slack, AWS, npm, OpenAI, Anthropic,
    Hugging Face and Jira are simulators on this machine.
    """
    folder = _emptied(folder)
    with app.progress() as progress:
        progress.stage("building a fictional company")
        company = build(folder / "company")
        with running(company.world()) as endpoints:
            path = write_configuration(company, endpoints.urls, folder)
            wiring = Wiring(configuration.load(path, {}), packaged_kinds())
            store = wiring.store()
            store.prepare()
            run = nightly(wiring, store, company.now, Allowances(), progress)
            report = _excepted(wiring, store, company.now, progress)
            store.close()
    page = folder / "report.html"
    quiet = replace(app, quiet=True)
    deliver_text(quiet, report_html.render(report), page)
    differences = compared(report, company.expected, excepted=True)
    for line in _told(run, report, differences, page):
        click.echo(line)
    return Exit.CLEAN if not differences else Exit.INCOMPLETE


def _excepted(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> Report:
    """Grant the company's exceptions, and let them count; return the report."""
    kinds = {kind.id: kind for kind in wiring.kinds}
    sinks = tuple(item.name for item in wiring.config.of("tickets"))
    about = (store, kinds, wiring.config.organisation.name, sinks, now)
    cases = {path: row.key for row in collect(*about).cases for path in row.paths}
    progress.stage("granting exceptions")
    grant(Desk(store, kinds, wiring.config.exceptions, sinks), cases, PLANTED, now)
    judge_all(store, kinds, now, wiring.config.policy.proof_gap_seconds)
    deliver_step(wiring, store, kinds, now, Allowances(), progress)
    return collect(*about)


def _emptied(folder: Path) -> Path:
    if folder.exists() and not (folder / _MARK).exists() and any(folder.iterdir()):
        raise ConfigError(
            "The folder is in use", where=str(folder), why="it holds something else than a demo",
            fix="name another with --folder",
        )  # fmt: skip
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).touch()
    return folder.resolve()


def compared(report: Report, expected: Path, *, excepted: bool = False) -> list[str]:
    """Return how the cases and watches differ from the answer key, one line each; empty if equal.
    `excepted`: the company's exceptions were granted.
    """
    key = json.loads(expected.read_text(encoding="utf-8"))
    held = [_case(row) for row in report.cases if not row.ended]
    waived = [_case(row) for row in report.cases if row.state == CaseState.WAIVED.value]
    more = key["exceptions"] if excepted else {"cases": [], "waived": []}
    return [
        *_differences("case", held, [*key["cases"], *more["cases"]]),
        *_differences("waived case", waived, more["waived"]),
        *_differences("watch", [_watch(row) for row in report.watches], key["watch"]),
    ]


def _case(row: CaseRow) -> dict[str, Any]:
    return {
        "case": row.kind,
        "kind": row.credential_kind,
        "person": row.person or None,
        "places": list(row.paths),
    }


def _watch(row: WatchRow) -> dict[str, Any]:
    return {
        "kind": row.credential_kind,
        "person": row.person,
        "reason": row.doubt,
        "places": list(row.paths),
    }


def _differences(
    name: str, found: Iterable[dict[str, Any]], wanted: Iterable[dict[str, Any]]
) -> list[str]:
    have = sorted(json.dumps(row, sort_keys=True) for row in found)
    want = sorted(json.dumps(row, sort_keys=True) for row in wanted)
    missing = [f"missing {name}: {row}" for row in want if want.count(row) > have.count(row)]
    extra = [f"unexpected {name}: {row}" for row in have if have.count(row) > want.count(row)]
    return [*dict.fromkeys(missing), *dict.fromkeys(extra)]


def _told(run: RunReport, report: Report, differences: list[str], page: Path) -> list[str]:
    share = "not known" if report.live_share is None else f"{100 * report.live_share:.0f} %"
    verdict = (
        f"as in its answer key: {len(report.open_cases())} cases, {len(report.watches)} on watch"
        if not differences
        else f"DIFFERS from its answer key in {len(differences)} rows"
    )
    waived = sum(row.state == CaseState.WAIVED.value for row in report.cases)
    late = sum(row.kind == CaseKind.F7.value for row in report.cases)
    return [
        "Fennel & Rye is fictional, and every vendor here is a simulator on this machine.",
        f"people     {report.people} known, {len(report.leavers)} left, {len(report.leaving)} about to",
        f"live       {share} of the leavers' credentials that issuers answered for",
        *summary(run)[:9],
        f"exceptions {waived} case waived, {late} past its end: a case of its own (F7)",
        *differences[:1],
        f"checked    {verdict}",
        f"report     {page}",
    ]
