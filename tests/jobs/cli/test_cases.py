"""Cases are listed in every form, and one is shown by its key or its ticket's."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.jobs.cli.conftest import Desk


def rows(desk: Desk) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(desk.run("cases", "--format", "csv").out)))


def test_the_forms_agree(desk: Desk) -> None:
    table = rows(desk)
    plain = json.loads(desk.run("cases", "--format", "json").out)
    lines = [json.loads(line) for line in desk.run("cases", "--format", "jsonl").lines]
    results = json.loads(desk.run("cases", "--format", "sarif").out)["runs"][0]["results"]
    keys = [row["key"] for row in table]
    assert keys == [row["key"] for row in plain["rows"]] == [row["key"] for row in lines]
    assert len(results) == len(keys) == len(desk.run("cases").lines) - 1
    assert plain["schema_version"] == 1
    assert {part["state"] for part in plain["coverage"]} == {"complete"}


def test_what_leaked_nowhere_is_told_by_its_entry_in_a_list_and_by_its_use(desk: Desk) -> None:
    (row,) = [row for row in rows(desk) if "github-lists" in row["paths"] and row["kind"] == "F1"]
    assert row["last_used_at"].startswith("2026-11-12T22:41")
    shown = desk.run("show", row["key"]).out
    assert "last used    2026-11-12 22:41 UTC, after the leave" in shown
    assert "in no text that was looked at" in shown
    held = desk.run("leaver", row["person"], "--offline", "--format", "json").out
    (listed,) = [one for one in json.loads(held)["held"] if one["paths"] == [row["paths"]]]
    assert "SAML" in listed["revoke_hint"]


def test_one_persons_cases(desk: Desk) -> None:
    person = next(row["person"] for row in rows(desk) if row["person"])
    shown = json.loads(desk.run("cases", "--person", person, "--format", "json").out)
    assert {row["person"] for row in shown["rows"]} == {person}
    none = desk.run("cases", "--person", "nobody")
    assert none.code == 0


@pytest.mark.parametrize("column", ["key", "tickets"])
def test_a_case_is_shown_by_its_key_or_its_ticket(desk: Desk, column: str) -> None:
    row = rows(desk)[0]
    shown = desk.run("show", row[column][:12])
    assert shown.code == 1
    for part in (row["key"], row["person_name"], row["tickets"], row["fingerprint"]):
        assert part in shown.out
    plain = json.loads(desk.run("show", row["key"], "--format", "json").out)
    assert [item["key"] for item in plain["rows"]] == [row["key"]]


def test_a_case_that_is_not_there_is_an_error_with_a_next_step(desk: Desk) -> None:
    shown = desk.run("show", "zzz")
    assert shown.code == 2
    assert "offkey cases" in shown.err
