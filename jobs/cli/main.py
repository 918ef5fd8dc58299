"""The `offkey` command: its group, its errors and its exit codes."""

from __future__ import annotations

import gc
import importlib
import sys
from pathlib import Path

import click

from correlate.errors import OffkeyError
from jobs.cli.lazy import LazyGroup, Listed
from jobs.outcome import Exit, exit_of

# of containers made and not freed, https://docs.python.org/3/library/gc.html#gc.set_threshold: at its
# own 700 the collector walks what libraries are made of over and over while they load
_COLLECT_AFTER = 200_000
_ROOMS = ("detectors", "connectors", "correlate", "jobs")
_EPILOG = (
    "Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 incomplete coverage (wins), "
    "4 authentication, 5 a dependency is down, 130 interrupted."
)


_COMMANDS = {
    "demo": Listed(
        "jobs.cli.demo",
        "Build a fictional company, run the main job on it, and compare with its answer key.",
    ),
    "scan": Listed(
        "jobs.cli.scan",
        "Scan PATH: every object a git repository ever stored, or a folder's files.",
    ),
    "run": Listed("jobs.cli.run", "Run a job now."),
    "leaver": Listed(
        "jobs.cli.leaver",
        "Show what WHO (a worker id, address or login) owns, put somewhere or could read.",
    ),
    "people": Listed("jobs.cli.people", "Show whose an identity is and why, and correct it."),
    "succession": Listed(
        "jobs.cli.succession",
        "Find a successor for what a leaver owned, and see what rests on one person alone.",
    ),
    "cases": Listed("jobs.cli.cases", "List the cases."),
    "show": Listed(
        "jobs.cli.cases",
        "Show one case: CASE is its key or the beginning of it, or a ticket's key.",
    ),
    "revoke": Listed(
        "jobs.cli.revoke",
        "Show what revoking the credential of CASE would do; with approval, do it and prove it.",
    ),
    "except": Listed(
        "jobs.cli.exceptions", "Let a credential live on for a time, by two persons' word."
    ),
    "report": Listed(
        "jobs.cli.report",
        "Tell who left, what of theirs is still live, where, and what was not looked at.",
    ),
    "metrics": Listed(
        "jobs.cli.metrics",
        "Tell how many of leavers' credentials are still live, and how long it takes until they die.",
    ),
    "audit": Listed("jobs.cli.audit", "Answer an auditor's questions from what is known."),
    "export": Listed(
        "jobs.cli.export",
        "Write every case, ended ones too, for a spreadsheet, a SIEM or a code host.",
    ),
    "ledger": Listed(
        "jobs.cli.ledger",
        "Check the ledger, and hand out what shows later that it was not changed.",
    ),
    "evidence": Listed(
        "jobs.cli.evidence",
        "Write what happened to leavers' credentials so that it can be checked without us.",
    ),
    "doctor": Listed(
        "jobs.cli.doctor",
        "Check git, the configuration, the store, every feed and every ticket system.",
    ),
    "config": Listed("jobs.cli.config", "Write, check and explain the configuration."),
    "kinds": Listed(
        "jobs.cli.kinds",
        "List the kinds of credential that are known, show one, or check a file of your own.",
    ),
    "controls": Listed(
        "jobs.cli.controls",
        "Show the controls that a kind of case speaks to, and find wrong ids in mappings.",
    ),
    "serve": Listed(
        "jobs.cli.serve",
        "Run nightly, poll for new leavers, re-check open cases and keep tickets in line.",
    ),
}


@click.group(cls=LazyGroup, listed=_COMMANDS, epilog=_EPILOG)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("offkey.toml"),
    envvar="OFFKEY_CONFIG",
    show_default=True,
    help="The configuration file.",
)
@click.option("--quiet", "-q", is_flag=True, help="Write results and errors only.")
@click.option("--debug", is_flag=True, help="Log every step to standard error.")
@click.version_option(package_name="offkey", message="offkey %(version)s")
@click.pass_context
def cli(context: click.Context, config_path: Path, *, quiet: bool, debug: bool) -> None:
    """Find credentials that are still live after the person they belong to has left."""
    # both bring libraries that `--help` has no use for
    importlib.import_module("jobs.log").configure(debug=debug)
    context.obj = importlib.import_module("jobs.cli.context").App(
        config_path, quiet=quiet, debug=debug
    )


def main() -> None:
    """Run the command and end the process with its exit code."""
    gc.set_threshold(_COLLECT_AFTER)
    code = invoke(sys.argv[1:])
    gc.freeze()  # or else the collector walks it all once more at the end, for memory that goes anyway
    sys.exit(code)


def invoke(arguments: list[str]) -> int:
    """Run the command with `arguments`; return its exit code. Errors are told on standard error."""
    intruder = find_intruder()
    if intruder:
        return _told(
            OffkeyError(
                "Another package stands in the way",
                where=intruder,
                why="it has the name of one of offkey's own packages",
                fix="install offkey in an environment of its own (pipx, uv tool, a container)",
            ),
            Exit.USAGE,
        )
    try:
        code = cli.main(args=arguments, prog_name="offkey", standalone_mode=False)
    except OffkeyError as error:
        return _told(error, exit_of(error))
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "interrupted; what was done is kept, the same command goes on from here", err=True
        )
        return Exit.INTERRUPTED
    return int(code or 0)


def find_intruder() -> str:
    """Return the path of a package that shadows one of offkey's four rooms, or an empty text."""
    home = Path(__file__).resolve().parents[2]
    for room in _ROOMS:
        origin = importlib.import_module(room).__file__
        if origin is None or not Path(origin).resolve().is_relative_to(home / room):
            return str(origin or room)
    return ""


def _told(error: OffkeyError, code: Exit) -> int:
    rich = importlib.import_module("rich.console")
    console = rich.Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"[bold red]error:[/] [bold]{_plain(error.what)}[/]")
    console.print(f"  where: {_plain(error.where)}")
    console.print(f"  why:   {_plain(error.why)}")
    console.print(f"  next:  {_plain(error.fix)}")
    return code


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
