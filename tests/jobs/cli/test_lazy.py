from __future__ import annotations

import subprocess
import sys

import click
import pytest

from jobs.cli.main import cli


@pytest.mark.parametrize("name", cli.listed)
def test_the_list_says_of_each_command_what_it_says_of_itself(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert cli.listed[name].help == command.get_short_help_str(100)


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys; from jobs.cli.main import invoke; invoke(['--help']);"
        "assert not {'jobs.cli.scan', 'structlog', 'rich', 'sqlalchemy', 'git'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    for name, item in cli.listed.items():
        assert f"  {name} " in done.stdout
        assert item.help.split()[0] in done.stdout


def test_an_unknown_command_is_none() -> None:
    assert cli.get_command(click.Context(cli), "nonsense") is None
