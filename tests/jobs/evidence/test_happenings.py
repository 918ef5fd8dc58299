"""What happened is told in the ledger's words; runs and feeds have records of their own."""

from __future__ import annotations

from jobs.evidence.entries import Shown
from jobs.evidence.happenings import happenings, names_of


def test_each_entry_is_told_with_what_its_subject_is() -> None:
    shown = Shown()
    for number, (what, subject) in enumerate(
        [("answer", "aa"), ("people", "hr"), ("case", "c1"), ("departure", "p1"), ("x", "y")], 1
    ):
        shown.read[number] = {"at": "t", "what": what, "subject": subject, "data": {}}
    rows = list(happenings(shown, names_of(credential=["aa"], case=["c1"], person=["p1"])))
    assert [(row["about"], row["ledger_entries"]) for row in rows] == [
        ("credential", [1]), ("case", [3]), ("person", [4]), ("ledger", [5]),
    ]  # fmt: skip
    assert all(row["ledger_says"] == shown.read[row["ledger_entries"][0]] for row in rows)
