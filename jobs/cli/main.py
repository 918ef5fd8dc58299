"""The `offkey` command: its group, its errors and its exit codes."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click
from rich.console import Console

from correlate.errors import OffkeyError
from jobs import log
from jobs.cli import cases, config, demo, doctor, kinds, leaver, report, run, scan, serve
from jobs.cli.context import make_app
from jobs.config import FILE_NAME
from jobs.outcome import Exit, exit_of

_ROOMS = ("detectors", "connectors", "correlate", "jobs")
_EPILOG = (
    "Exit codes: 0 clean, 1 findings, 2 usage or configuration, 3 incomplete coverage (wins), "
    "4 authentication, 5 a dependency is down, 130 interrupted."
)


@click.group(epilog=_EPILOG)
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path(FILE_NAME),
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
    log.configure(debug=debug)
    context.obj = make_app(config_path, quiet=quiet)


for command in (
    demo.demo,
    scan.scan,
    run.run,
    leaver.leaver,
    cases.cases,
    cases.show,
    report.report,
    doctor.doctor,
    config.config,
    kinds.kinds,
    serve.serve,
):
    cli.add_command(command)


def main() -> None:
    """Run the command and end the process with its exit code."""
    sys.exit(invoke(sys.argv[1:]))


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
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"[bold red]error:[/] [bold]{_plain(error.what)}[/]")
    console.print(f"  where: {_plain(error.where)}")
    console.print(f"  why:   {_plain(error.why)}")
    console.print(f"  next:  {_plain(error.fix)}")
    return code


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
