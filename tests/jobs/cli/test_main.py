"""Errors say what, where, why and the next command; every end has its code."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from correlate.errors import (
    AuthError,
    ConfigError,
    FeedRefused,
    OffkeyError,
    Refused,
    SourceError,
    Unavailable,
)
from jobs.cli.main import cli, find_intruder, invoke


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ConfigError, 2),
        (SourceError, 3),
        (FeedRefused, 3),
        (AuthError, 4),
        (Unavailable, 5),
        (Refused, 3),
        (KeyboardInterrupt, 130),
    ],
)
def test_each_end_has_its_code_and_each_error_four_parts(
    kind: type[BaseException],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        if issubclass(kind, OffkeyError):
            raise kind("It broke", where="[there]", why="so", fix="do this")
        raise kind

    monkeypatch.setitem(cli.commands, "break", click.Command("break", callback=fail))
    assert invoke(["break"]) == code
    said = capsys.readouterr()
    assert said.out == ""
    if code != 130:
        for part in ("error: It broke", "where: [there]", "why:   so", "next:  do this"):
            assert part in said.err


def test_a_wrong_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["nonsense"]) == 2
    assert "No such command" in capsys.readouterr().err


def test_another_package_of_our_name_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_intruder() == ""
    intruder = ModuleType("detectors")
    intruder.__file__ = str(tmp_path / "detectors" / "__init__.py")
    monkeypatch.setitem(sys.modules, "detectors", intruder)
    assert invoke(["kinds"]) == 2
    assert str(tmp_path) in capsys.readouterr().err.replace("\n", "")


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["--version"]) == 0
    assert capsys.readouterr().out.startswith("offkey ")
