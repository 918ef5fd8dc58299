"""What could not be looked at is told, and costs nothing that was known."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable

import pytest

from correlate.model import CoverageState
from jobs.outcome import Exit
from tests.jobs.town import Town


def lose_a_repository(town: Town) -> None:
    folder = next(town.company.repositories.glob("storefront*"))
    for found in town.company.repositories.iterdir():
        if found.name.removesuffix(".git") == "storefront":
            folder = found
    shutil.rmtree(folder)


def break_gitlab(town: Town) -> None:
    town.world.fault("gitlab", "status", status=500, times=0)


def break_github(town: Town) -> None:
    town.world.fault("github", "status", status=500, times=0, path="/variables")


def lose_notebooks(town: Town) -> None:
    shutil.rmtree(town.company.notebooks)


def empty_personnel(town: Town) -> None:
    town.company.personnel.write_bytes(b"")


def lose_the_directory(town: Town) -> None:
    town.company.directory.unlink()


@pytest.mark.parametrize(
    ("lose", "part"),
    [
        (lose_a_repository, "storefront"),
        (break_gitlab, "gitlab-variables"),
        (break_github, "github-variables"),
        (lose_notebooks, "notebooks"),
        (empty_personnel, "personnel"),
        (lose_the_directory, "directory"),
    ],
)
def test_a_gap_is_told_and_loses_nothing(
    town: Town, lose: Callable[[Town], None], part: str
) -> None:
    before = {key: held.state for key, held in town.cases().items()}
    tickets, places = town.tickets(), len(town.exposures())
    lose(town)
    report = town.night()
    assert report.exit is Exit.INCOMPLETE
    gaps = [item for item in report.coverage if item.state is not CoverageState.COMPLETE]
    assert any(part in f"{item.source} {item.container}" for item in gaps)
    assert all(item.reason for item in gaps)
    assert {key: held.state for key, held in town.cases().items()} == before
    assert Counter(row["open"] for row in town.tickets()) == Counter(row["open"] for row in tickets)
    assert town.creates == len(tickets)
    assert len(town.exposures()) >= places
    assert not town.report().complete
