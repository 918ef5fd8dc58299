"""One person's answer comes from the store, by id, address or login, and as a forecast."""

from __future__ import annotations

import json

import pytest

from tests.jobs.cli.conftest import Desk


@pytest.mark.parametrize("who", ["100109", "dana.whitfield@fennelandrye.example", "dwhitfield"])
def test_a_leaver_is_found_by_any_handle(desk: Desk, who: str) -> None:
    shown = desk.run("leaver", who, "--offline")
    assert shown.code == 1
    assert "Dana Whitfield (100109): left" in shown.lines[0]
    assert "AWS access key" in shown.out


def test_of_who_came_back_no_end_of_access_is_told(desk: Desk) -> None:
    shown = desk.run("leaver", "100160", "--offline").lines
    assert shown[0] == "Viktor Petrov (100160): here"
    assert "note: came back after a departure" in shown


def test_before_a_leave_the_verdicts_are_those_of_after(desk: Desk) -> None:
    now = json.loads(desk.run("leaver", "100145", "--offline", "--format", "json").out)
    then = json.loads(
        desk.run("leaver", "100145", "--offline", "--before-leave", "--format", "json").out
    )
    assert then["forecast"] is True
    assert {item.get("case") for item in now["held"]} == {"F5"}
    assert {item.get("case") for item in then["held"]} == {"F1"}
    assert (
        desk.run("leaver", "100145", "--offline", "--before-leave").lines[1].startswith("forecast")
    )


def test_nobody_by_that_name(desk: Desk) -> None:
    shown = desk.run("leaver", "Dana Whitfield", "--offline")
    assert shown.code == 2
    assert "none by this id, address or login" in " ".join(shown.err.split())


def test_looking_again_while_everything_is_down_says_so_and_keeps_the_answer(desk: Desk) -> None:
    shown = desk.run("leaver", "100109")
    assert shown.code in (1, 3)
    assert "Dana Whitfield" in shown.out
