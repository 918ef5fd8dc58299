"""`offkey audit ai`: who could change what a model or an agent is told, learns from and is approved by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from correlate.ai_audit import Window
from correlate.codec import encode, record_of
from correlate.errors import ConfigError
from correlate.model import Truth
from correlate.verdict import LedgerEntry
from jobs import ai_audit
from jobs.ai_audit import Changed, ProjectAudit
from jobs.ai_look import sources_of
from jobs.cli.context import App, deliver_text, format_option, output_option
from jobs.outcome import Exit
from jobs.page import render_page

SCHEMA_VERSION = 1
_DAYS = 90


@click.group()
def audit() -> None:
    """Answer an auditor's questions from what is known."""


@audit.command("ai")
@click.option("--project", default="", help="Only the project of this name.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day on, in UTC (90 days ago)."
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="To the end of this day, in UTC (now)."
)
@format_option("text", "json", "html")
@output_option()
@click.pass_obj
def ai(
    app: App,
    project: str,
    since: datetime | None,
    until: datetime | None,
    form: str,
    output: Path | None,
) -> int:
    """Tell who, and which credentials, could change an AI project in a stretch of time.

    For each project of [[ai_projects]], and each that looks like one: who could change its prompts, data
    sets, approvals or logs, leavers first, with the evidence; which credentials; and what is seen of
    workload identity, just-in-time access, rotation and revocation, and an immutable log. Whoever is not
    named was not seen; that clears nobody. Exit code 3 says that something could not be looked at.
    """
    window = _window(since, until, datetime.now(UTC))
    wiring = app.wiring()
    kinds = {kind.id: kind for kind in wiring.kinds}
    with app.opened(wiring) as store:
        with store.transaction() as tx:
            tx.runs.append(LedgerEntry(window.now, "export", f"audit ai {form}", {}))
        configured = wiring.config.ai_projects
        types = {item.name: item.type for item in wiring.config.of("source")}
        asked = sources_of(wiring.sources(), types)
        made = ai_audit.audit(store, kinds, asked, configured, window, project)
    if project and not made:
        raise ConfigError(
            "No such project", where=project, why="none of that name is configured or found",
            fix="leave --project out to see all, or add an [[ai_projects]] table",
        )  # fmt: skip
    deliver_text(app, formatted(made, window, form), output)
    if any(one.gaps for one in made):
        return Exit.INCOMPLETE
    return Exit.FINDINGS if any(map(_by_leaver, made)) else Exit.CLEAN


def formatted(made: Sequence[ProjectAudit], window: Window, form: str) -> str:
    """Return the answer in one of the formats."""
    match form:
        case "json":
            return json.dumps(record(made, window), indent=2, ensure_ascii=False)
        case "html":
            return render_page("audit_ai.html.j2", audits=made, window=window)
        case _:
            return "\n".join(line for one in made for line in told(one, window))


def record(made: Sequence[ProjectAudit], window: Window) -> dict[str, object]:
    """Return the answer as plain data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "window": encode(window),
        "projects": [{**record_of(one), "layers": _layers(one)} for one in made],
    }


def told(one: ProjectAudit, window: Window) -> list[str]:
    """Return the answer on one project as lines of text."""
    how = "inferred, nobody configured it" if one.project.inferred else "configured"
    roles = ", ".join(role.value for role in one.project.stated())
    lines = [
        f"{one.project.name} ({how}), {window.since:%Y-%m-%d} to {window.until:%Y-%m-%d}",
        f"  places: {', '.join(one.places) or 'none'}; looked for: {roles}",
    ]
    lines += [f"  not looked at: {gap}" for gap in one.gaps]
    for truth, title in ((Truth.YES, "could change it"), (Truth.UNKNOWN, "not known")):
        some = [row for row in one.people if row.could is truth]
        lines.append(f"  {title}: {len(some)} people or accounts")
        lines += [line for row in some for line in _row(row)]
    lines.append(f"  credentials: {len(one.credentials)}")
    for means in one.credentials:
        owner = (
            f", of {means.owner}{' who left' if means.owner_left else ''}" if means.owner else ""
        )
        alive = "live in this time" if means.alive is Truth.YES else "not known whether live then"
        lines.append(
            f"    {means.credential} {means.fingerprint.short}{owner}: {alive}; {means.reason}"
        )
    for layer in one.layers:
        lines.append(f"  {layer.name}: {layer.answer}")
        lines += [f"    for: {text}" for text in layer.good]
        lines += [f"    against: {text}" for text in layer.bad]
        lines.append(f"    not seen: {layer.dark}")
    return [*lines, ""]


def _row(row: Changed) -> Iterator[str]:
    left = f", left {row.left_at:%Y-%m-%d}" if row.left_at else ""
    number = f" {row.person}" if row.person and row.person != row.name else ""
    roles = f" ({', '.join(role.value for role in row.roles)})" if row.roles else ""
    yield f"    {row.name}{number}{left}{roles}"
    yield from (f"      {reason}" for reason in row.reasons[:4])
    if len(row.reasons) > 4:  # noqa: PLR2004  # the slice above
        yield f"      and {len(row.reasons) - 4} more"


def _by_leaver(one: ProjectAudit) -> bool:
    """Whether somebody who has left, or their credential, could change a project."""
    people = any(row.left_at is not None and row.could is Truth.YES for row in one.people)
    return people or any(row.owner_left and row.alive is Truth.YES for row in one.credentials)


def _window(since: datetime | None, until: datetime | None, now: datetime) -> Window:
    end = min(until.replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1), now) if until else now
    start = since.replace(tzinfo=UTC) if since else end - timedelta(days=_DAYS)
    if start > end:
        raise ConfigError(
            "That is no stretch of time", where="--since", why="it begins after its end",
            fix="name a day before --until",
        )  # fmt: skip
    return Window(start, end, now)


def _layers(one: ProjectAudit) -> list[dict[str, object]]:
    return [{**record_of(layer), "answer": layer.answer} for layer in one.layers]
