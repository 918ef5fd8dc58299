"""`offkey except` on what the demo leaves: asked for, approved, renewed, ended, listed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.jobs.cli.conftest import Desk

IDA, TOMAS, PRIYA = (
    f"{name}@fennelandrye.example" for name in ("ida.marlowe", "tomas.brandt", "priya.nair")
)
WHY = ("--reason", "the shop needs it")
ASK = ("--days", "30", "--policy", "FR-12", *WHY, "--as")


def excepted(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(desk.run("except", "list", "--format", "json").out)[
        "rows"
    ]
    return found


def test_what_was_granted_is_listed_with_who_approved_and_until_when(desk: Desk) -> None:
    shown = desk.run("except", "list")
    assert shown.code == 1
    for line, row in zip(shown.lines, excepted(desk), strict=True):
        assert line.startswith(f"{row['id']} {row['stage']}, until {row['expires_at'][:10]}, ")
        assert f"approved by {row['approved_by']}" in line


def test_an_exception_is_asked_for_approved_renewed_and_ended(desk: Desk) -> None:
    rows = json.loads(desk.run("cases", "--format", "json").out)["rows"]
    case = next(row["key"] for row in rows if row["kind"] == "F5")
    asked = desk.run("except", "request", case, *ASK, TOMAS, "--service", "the till")
    assert asked.code == 0
    (name,) = re.findall(r"offkey except approve (ex-\w+)", asked.err)
    own = desk.run("except", "approve", name, *WHY, "--as", TOMAS)
    assert (own.code, "exceptions.approvers" in own.err) == (2, True)
    assert desk.run("except", "approve", name, *WHY, "--as", IDA).code == 0
    shown = desk.run("except", "show", name)
    assert (shown.code, shown.lines[0]) == (0, f"exception    {name}, valid")
    assert "used by      the till" in shown.lines
    assert any(line.startswith("approved by  Ida Marlowe (100101)") for line in shown.lines)
    again = desk.run("except", "renew", name, "--days", "60", *WHY, "--as", PRIYA)
    (renewal,) = re.findall(r"approve (ex-\w+)", again.err)
    assert desk.run("except", "end", renewal, *WHY, "--as", PRIYA).code == 0
    (row,) = json.loads(desk.run("except", "show", renewal, "--format", "json").out)["rows"]
    assert (row["stage"], row["renewals"], row["renews"]) == ("ended", 1, name)
    assert desk.run("except", "end", name, *WHY, "--as", PRIYA).code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("show", "ex-0"), "offkey except list"),
        (("approve", "ex-0", *WHY, "--as", IDA), "offkey except list"),
        (("end", "ex-0", "--reason", " ", "--as", IDA), "say in a few words why"),
        (("request", "no-such-case", *ASK, TOMAS), "offkey cases"),
        (("request", "0", *ASK, "nobody@x.example"), "people are known"),
    ],
)
def test_what_cannot_be_is_told_with_the_next_command(
    desk: Desk, words: tuple[str, ...], told: str
) -> None:
    shown = desk.run("except", *words)
    assert (shown.code, told in shown.err) == (2, True)
