"""Columns stand under one another, in a pipe and on a terminal alike."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jobs.cli.context import App
from jobs.cli.table import columns, write_table

HEADS = ("kind", "where", "how")
ROWS = (("a[bold]", "one\ntwo", "long " * 100), ("\u8a00\u8a9e", "x\x1b[2J", ""))


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_cell_of_two_lines_stands_in_its_column() -> None:
    assert list(columns([["a", "bb", "c"], ["aaa", "b\nbb", ""], ["\u8a00", "", "c"]])) == [
        "a    bb  c",
        "aaa  b",
        "     bb",
        "\u8a00       c",
    ]


@given(st.lists(st.lists(st.text("ab \n\u8a00", max_size=9), min_size=3, max_size=3), min_size=1))
def test_every_line_of_a_column_begins_where_its_head_does(rows: list[list[str]]) -> None:
    marked = [[*row, "|"] for row in rows]
    lines = [line for line in columns(marked) if line.endswith("|")]
    assert len(lines) == len(rows)
    assert len({cell_len(line) for line in lines}) == 1


def test_into_a_pipe_nothing_is_folded_or_moves_a_cursor(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_table(App(Path("x.toml"), quiet=False), HEADS, ROWS)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[1] == f"a[bold]  one       {('long ' * 100).rstrip()}"
    assert lines[3] == "\u8a00\u8a9e     x\\x1b[2J"


def test_on_a_terminal_what_is_long_is_folded_but_for_what_stays_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "60")
    write_table(App(Path("x.toml"), quiet=False), HEADS, ROWS, whole=("kind",))
    shown = screen.getvalue()
    assert "a[bold]" in shown
    assert "\x1b[2J" not in shown
    assert len(shown.splitlines()) > 10


def test_into_a_pipe_nothing_is_loaded_that_draws() -> None:
    code = (
        "import sys; from pathlib import Path; from jobs.cli.context import App;"
        "from jobs.cli.table import write_table;"
        "write_table(App(Path('x.toml'), quiet=True), ['head'], [['cell']]);"
        "assert not {'rich.console', 'rich.table', 'rich.progress'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "head\ncell\n"
