from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import pytest

from correlate.errors import ConfigError
from detectors.toml_table import Table


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


def test_what_is_asked_for_is_given_typed() -> None:
    table = Table(
        {"a": "x", "n": 2, "b": True, "l": ["y"], "i": [1], "m": {"k": "v"}, "c": "red"}, "f"
    )
    assert (table.text("a"), table.number("n", 0), table.flag("b", default=False)) == (
        "x",
        2.0,
        True,
    )
    assert (table.texts("l"), table.integers("i"), table.text_map("m")) == (
        ("y",),
        (1,),
        {"k": "v"},
    )
    assert table.member("c", Colour, Colour.BLUE) is Colour.RED
    assert table.member("none", Colour, Colour.BLUE) is Colour.BLUE
    table.finish()


@pytest.mark.parametrize(
    "ask",
    [
        lambda t: t.text("missing"),
        lambda t: t.text("n"),
        lambda t: t.number("b", 0),
        lambda t: t.number("a", 0),
        lambda t: t.flag("a", default=True),
        lambda t: t.texts("i"),
        lambda t: t.integers("l"),
        lambda t: t.text_map("m2"),
        lambda t: t.tables("l"),
        lambda t: t.member("a", Colour, Colour.RED),
        lambda t: t.named("a", {"z": 1}, 0),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_full_name(ask: Callable[[Table], Any]) -> None:
    table = Table({"a": "x", "n": 2, "b": True, "l": ["y"], "i": [1], "m2": {"k": 1}}, "file")
    with pytest.raises(ConfigError) as caught:
        ask(table)
    assert caught.value.where.startswith("file.")


def test_what_nobody_asked_for_is_an_error_that_names_the_nearest() -> None:
    table = Table({"colour": "red", "zzz": 1}, "file")
    table.text("colours", "")
    with pytest.raises(ConfigError, match="did you mean colours"):
        table.finish()
    with pytest.raises(ConfigError, match="remove it"):
        Table({"zzz": 1}, "file").finish()
