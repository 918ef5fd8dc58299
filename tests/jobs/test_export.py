"""What other programs read: nothing a spreadsheet executes, and SARIF as its schema has it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from correlate.model import Coverage, CoverageState
from jobs.export import (
    CASE_COLUMNS,
    FINDING_COLUMNS,
    finding_records,
    rows_csv,
    rows_json,
    rows_jsonl,
    sarif,
)
from tests.correlate.cast import author, exposure

PLACE = exposure(author("jane@x.example", "2025-02-01"), path="src/a b.py")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    row = {"key": f"{start}cmd|' /C calc'!A0", "paths": [f"{start}HYPERLINK()", "b"]}
    table = rows_csv([row], CASE_COLUMNS)
    _, cells = list(csv.reader(io.StringIO(table, newline="")))
    assert [cell for cell in cells if cell] == [f"'{row['key']}", f"'{start}HYPERLINK(); b"]


def test_commas_quotes_and_lines_survive_a_table() -> None:
    row = {"path": 'a,"b"\nc', "line": 0, "part": None}
    table = rows_csv([row], FINDING_COLUMNS)
    header, cells = list(csv.reader(io.StringIO(table, newline="")))
    made = dict(zip(header, cells, strict=True))
    assert (made["path"], made["line"], made["part"]) == ('a,"b"\nc', "0", "")
    assert table.endswith("\r\n")


def test_a_finding_tells_who_and_where_and_no_secret() -> None:
    (record,) = finding_records([PLACE])
    assert (record["path"], record["introduced_by"]) == ("src/a b.py", "jane@x.example")
    assert record["introduced_at"].startswith("2025-02-01")
    assert set(FINDING_COLUMNS) <= set(record)
    assert len(record["fingerprint"]) == 8


def test_the_json_forms_hold_the_same_rows() -> None:
    records = finding_records([PLACE, PLACE])
    gap = Coverage("s", "c", CoverageState.INCOMPLETE, reason="lost")
    whole = json.loads(rows_json(records, [gap]))
    assert whole["rows"] == [json.loads(line) for line in rows_jsonl(records).splitlines()]
    assert (whole["schema_version"], whole["coverage"][0]["reason"]) == (1, "lost")
    assert rows_jsonl([]) == ""


@pytest.mark.parametrize("severity", ["critical", "medium", "", None])
def test_sarif_has_the_shape_that_its_readers_ask_for(severity: str | None) -> None:
    (record,) = finding_records([PLACE])
    case: dict[str, Any] = {
        "kind": "F1", "fingerprint": "0a0a0a0a", "severity": severity, "paths": ["a:b c", "d:e"],
    }  # fmt: skip
    made = json.loads(sarif([record, case], "1.2"))
    assert (made["version"], len(made["runs"])) == ("2.1.0", 1)
    (run,) = made["runs"]
    assert run["tool"]["driver"]["name"] == "offkey"
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        for place in result["locations"]:
            physical = place["physicalLocation"]
            assert " " not in physical["artifactLocation"]["uri"]
            assert physical["region"]["startLine"] >= 1
        assert "primaryLocationLineHash" not in result["partialFingerprints"]
    assert json.loads(sarif([], "1.2"))["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("repo:src/a b.py", "src/a%20b.py"),
        ("repo:/etc/passwd", "etc/passwd"),
        ("repo:a:b#c?d%e.py", "a%3Ab%23c%3Fd%25e.py"),
        ("repo:caf\u00e9", "caf%C3%A9"),
        ("repo:", "repo%3A"),
    ],
)
def test_a_place_is_a_relative_uri(path: str, uri: str) -> None:
    case = {"kind": "F1", "fingerprint": "0a0a0a0a", "paths": [path]}
    (result,) = json.loads(sarif([case], "1"))["runs"][0]["results"]
    (place,) = result["locations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_a_case_without_a_place_has_none() -> None:
    case: dict[str, Any] = {"kind": "F1", "fingerprint": "0a0a0a0a", "paths": []}
    (result,) = json.loads(sarif([case], "1"))["runs"][0]["results"]
    assert result["locations"] == []
    assert "None" not in result["message"]["text"]


@pytest.mark.parametrize("state", ["waived", "open"])
def test_only_an_accepted_risk_is_suppressed_and_says_by_whom_and_until_when(state: str) -> None:
    case = {
        "kind": "F1", "fingerprint": "0a0a0a0a", "paths": ["r:a"], "state": state, "note": "as 'Done'",
        "waiver_approver": "ciso", "waived_until": "2027-01-01",
    }  # fmt: skip
    (result,) = json.loads(sarif([case], "1"))["runs"][0]["results"]
    if state == "open":
        assert "suppressions" not in result
        return
    (told,) = result["suppressions"]
    assert (told["kind"], told["status"], told["justification"]) == (
        "external",
        "accepted",
        "as 'Done'",
    )
    assert told["properties"] == {"offkey/approver": "ciso", "offkey/expires_at": "2027-01-01"}


@pytest.mark.parametrize("name", ["\x1b[2J", "\x9b31m", "a\nb", "\x07"])
def test_no_name_moves_a_terminals_cursor(name: str) -> None:
    table = rows_csv([{"kind": name}], ("kind",))
    assert not {"\x1b", "\x9b", "\x07"} & set(table)
