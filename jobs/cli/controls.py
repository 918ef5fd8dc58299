"""`offkey controls`: which controls a case speaks to, and whether ids of controls are right."""

from __future__ import annotations

import json
from pathlib import Path

import click

from correlate.crosswalk import UNDECIDED, Cited, Complaint
from correlate.errors import ConfigError
from jobs.cli.context import App, format_option
from jobs.control_files import OUR_MAPPING, our_crosswalk, our_mapping
from jobs.control_import import read_references
from jobs.outcome import Exit
from jobs.printable import printable


@click.group()
def controls() -> None:
    """Show the controls that a kind of case speaks to, and find wrong ids in mappings."""


@controls.command()
@click.argument("kind")
@format_option("text", "json")
@click.pass_obj
def show(app: App, kind: str, form: str) -> None:
    """Show the controls that a KIND of case (F1 to F11, or `evidence`) speaks to."""
    del app
    rows = our_mapping().rows
    if kind not in rows:
        raise ConfigError(
            "No such kind of case", where=kind[:40], why="the mapping has no row of it",
            fix=f"one of: {', '.join(rows)}",
        )  # fmt: skip
    if form == "json":
        plain = {
            "schema_version": 1,
            "kind": kind,
            "controls": [_record(one) for one in rows[kind]],
        }
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
        return
    walk = our_crosswalk()
    for cited in rows[kind]:
        catalogue = walk.catalogues[cited.framework, cited.edition]
        text = catalogue.controls.get(cited.id, "")
        told = walk.told(cited.framework, cited.edition, cited.id)
        click.echo(f"{catalogue.name:15} {told}  {text}".rstrip())


@controls.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@format_option("text", "json")
@click.pass_obj
def lint(app: App, files: tuple[Path, ...], form: str) -> int:
    """Find withdrawn, renumbered, mistitled and unknown ids in FILES, or in our own mapping.

    A FILE is our TOML form, a CSV with the columns framework, edition, id and title, an OSCAL catalogue
    or profile in JSON, or a compliance file of Prowler. What a partial catalogue of ours does not list is
    not called wrong: it is told, and the exit code is 3.
    """
    walk = our_crosswalk()
    references = [one for path in files or (OUR_MAPPING,) for one in read_references(path, walk)]
    found = walk.lint(references)
    open_ = [row for row in found if row.fault in UNDECIDED]
    if form == "json":
        plain = {"schema_version": 1, "complaints": [_complaint(row) for row in found]}
        click.echo(json.dumps(plain, indent=2, ensure_ascii=False))
    else:
        for row in found:
            click.echo(_told(row))
    wrong = len(found) - len(open_)
    app.say(f"{len(references)} references: {wrong} wrong, {len(open_)} that we cannot tell")
    if open_:
        return Exit.INCOMPLETE
    return Exit.FINDINGS if wrong else Exit.CLEAN


def _told(row: Complaint) -> str:
    cited = row.cited
    what = " ".join(part for part in (cited.framework, cited.edition, cited.id) if part)
    instead = f"; cite {', '.join(row.instead)}" if row.instead else ""
    return printable(f"{cited.where}: {what}: {row.fault}: {row.why}{instead}")


def _complaint(row: Complaint) -> dict[str, object]:
    told = {"fault": row.fault.value, "why": row.why, "instead": list(row.instead)}
    return {"where": row.cited.where, **_record(row.cited), **told}


def _record(cited: Cited) -> dict[str, object]:
    walk = our_crosswalk()
    catalogue = walk.catalogues.get((cited.framework, cited.edition))
    return {
        "framework": cited.framework,
        "edition": cited.edition,
        "as_cited": cited.id,
        "canonical": list(walk.canonical(cited)),
        "title": cited.title or (catalogue.controls.get(cited.id, "") if catalogue else ""),
        "catalogue_version": catalogue.version if catalogue else "",
    }
