"""Successors, what rests on one person, and hints, at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from correlate.model import KindId
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from tests.jobs.cli.conftest import Desk

DANA = "100109"
ERIK = "100150"
WHY = ("--reason", "he runs the service")


def test_a_successor_is_proposed_answers_and_is_listed(desk: Desk) -> None:
    shown = desk.run("succession", "list")
    assert (shown.code, "none yet" in shown.out) == (1, True)
    assert desk.run("succession", "propose", DANA, ERIK, *WHY, "--as", "100151").code == 0
    refused = desk.run("succession", "accept", DANA, *WHY, "--as", DANA)
    assert (refused.code, "who leaves does not choose" in refused.err) == (2, True)
    accepted = desk.run("succession", "accept", DANA, *WHY, "--as", ERIK)
    assert (accepted.code, "stay open" in accepted.err) == (0, True)
    again = desk.run("succession", "refuse", DANA, *WHY, "--as", ERIK)
    assert (again.code, "accepted already" in again.err) == (2, True)
    rows = json.loads(desk.run("succession", "list", "--format", "json").out)["rows"]
    (dana,) = [row for row in rows if row["person"] == DANA]
    assert (dana["state"], dana["open_cases"] > 0) == ("accepted", True)


def test_risks_are_those_of_one_person_or_of_nobody(desk: Desk) -> None:
    shown = desk.run("succession", "risks", "--format", "json")
    rows = json.loads(shown.out)["rows"]
    assert shown.code == 1
    assert {row["factor"] for row in rows} <= {0, 1}
    assert all(bool(row["person"]) is bool(row["factor"]) for row in rows)
    table = desk.run("succession", "risks").lines
    assert "could rotate" in table[0]
    assert rows[0]["fingerprint"] in "".join(table)


def test_a_codeowners_file_hints_at_owners(desk: Desk, tmp_path: Path) -> None:
    cases = json.loads(desk.run("cases", "--format", "json").out)["rows"]
    row = next(row for row in cases if row["paths"])
    file = tmp_path / "CODEOWNERS"
    file.write_text("* @everybody\n", encoding="utf-8")
    words = ("succession", "hints", row["key"], str(file), "--forge", "github")
    shown = desk.run(*words)
    assert shown.code == 0
    assert shown.lines == [f"{path}: @everybody" for path in row["paths"]]
    file.write_text("/nowhere/ @nobody\n", encoding="utf-8")
    assert desk.run(*words).lines[0].endswith(": nobody")


@pytest.mark.parametrize("step", [("propose", DANA, ERIK), ("accept", DANA), ("refuse", DANA)])
def test_words_without_a_reason_or_with_a_credential_are_refused(
    desk: Desk, step: tuple[str, ...]
) -> None:
    kinds = {kind.id: kind for kind in packaged_kinds()}
    token = mint(kinds[KindId("github_pat_classic")], "pasted")
    for reason, why in ((" ", "No reason"), (f"he has {token}", "holds a credential")):
        shown = desk.run("succession", *step, "--reason", reason, "--as", ERIK)
        assert (shown.code, why in shown.err, token in shown.err) == (2, True, False)
    assert desk.run("succession", *step, "--reason", "x").code == 2
