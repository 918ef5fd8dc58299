"""A pack is there whole or not at all, and its tables hold no formula."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from correlate.assurance import Tally
from correlate.errors import ConfigError
from jobs.evidence.about import About
from jobs.evidence.gather import Gathered
from jobs.evidence.pack import write_pack
from tests.correlate.cast import NOW
from tests.jobs.evidence.conftest import YEAR

ABOUT = About("Acme", "1", YEAR, "", NOW, "head", ("ab" * 32,), "v", (), 0.95)
NAMES = (
    "population",
    "credentials",
    "access",
    "exceptions",
    "happenings",
    "feeds",
    "runs",
    "coverage",
    "entries",
)


def gathered(access: list[dict[str, object]]) -> Gathered:
    records = {name: list[dict[str, object]]() for name in NAMES} | {"access": access}
    return Gathered(records, Tally(0, 0, 0, 0, 0, 0), "said", {})


def test_what_a_place_is_called_is_no_formula_in_a_table(tmp_path: Path) -> None:
    row: dict[str, object] = {
        "credential": "aa",
        "place": '=HYPERLINK("http://x")',
        "why": "@SUM(A1)",
    }
    write_pack(tmp_path / "pack", ABOUT, gathered([row]), lambda _text: "cd" * 64)
    with (tmp_path / "pack" / "access.csv").open(newline="") as stream:
        (made,) = csv.DictReader(stream)
    assert made["place"].startswith("'=")
    assert made["why"].startswith("'@")


def test_a_pack_that_cannot_be_signed_leaves_nothing(tmp_path: Path) -> None:
    def unable(_text: str) -> str:
        raise ConfigError("no key", where="x", why="y", fix="z")

    with pytest.raises(ConfigError):
        write_pack(tmp_path / "pack", ABOUT, gathered([]), unable)
    assert list(tmp_path.iterdir()) == []
