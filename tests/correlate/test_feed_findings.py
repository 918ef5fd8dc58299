"""What is to be mended in a feed is told to its keepers, and makes nobody a leaver."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.departure import standing
from correlate.feed_findings import FeedFinding, feed_findings, is_engaged, row_findings
from correlate.model import DirectoryAccount, Employment, PersonId, Truth, Worker
from correlate.verdict import Person
from tests.correlate.cast import NOW, account, snapshot, worker

ENDLESS = replace(worker("1"), worker_type="Contingent Worker")


@pytest.mark.parametrize(
    ("rows", "accounts", "expected"),
    [
        ([worker("1")], [], []),
        ([ENDLESS], [], ["contractor_without_end"]),
        ([replace(ENDLESS, employment=Employment.LEFT)], [], []),
        ([replace(ENDLESS, ends_at=NOW)], [], []),
        ([replace(worker("1", start="2027-01-01"), worker_type="contractor")], [], []),
        ([worker("1"), worker("1", end="2026-01-31")], [], ["feeds_disagree"]),
        ([worker("1"), worker("1", employment=Employment.ON_LEAVE)], [], ["feeds_disagree"]),
        ([worker("1"), worker("1")], [], []),
        ([worker("1"), worker("1", start="2022-01-01", end="2023-01-01")], [], []),
        ([worker("1")], [account("a", deleted=True)], ["feeds_differ"]),
        ([worker("1", end="2026-01-31")], [account("a")], ["feeds_differ"]),
        ([], [account("a", enabled=Truth.NO)], ["suspected_leaver"]),
        ([], [account("a")], ["unmatched_account"]),
        ([], [replace(account("a"), service=Truth.YES)], []),
        ([], [account("a", enabled=Truth.UNKNOWN)], []),
    ],
    ids=[
        "nothing wrong", "contractor without end", "who has left", "contractor with an end",
        "contract to come", "two feeds, two ends", "two feeds, two standings", "two feeds, one word",
        "two spells", "here, account deleted", "left, account enabled", "account disabled",
        "account of nobody", "a machine's account", "account not told of",
    ],
)  # fmt: skip
def test_what_is_found(
    rows: list[Worker], accounts: list[DirectoryAccount], expected: list[str]
) -> None:
    person = Person(PersonId("1"), "Jane", tuple(rows), tuple(accounts))
    found = feed_findings([person], {person.id: standing(person, NOW)}, NOW)
    assert [one.rule for one in found] == expected
    assert all("Jane" not in one.text for one in found)


@pytest.mark.parametrize(
    ("text", "engaged"),
    [
        ("employee", False), ("Contractor", True), ("contingent-worker", True), ("TEMP", True),
        ("regular", False), ("full_time", False), ("external_consultant", True), ("contraction", False),
    ],
)  # fmt: skip
def test_whom_a_contract_engages(text: str, engaged: bool) -> None:
    assert is_engaged(text) is engaged


def test_odd_rows_are_told_of_their_feed() -> None:
    odd = replace(snapshot(feed="hr"), problems=("row 9: a date", "row 10: a date"))
    found = row_findings([odd, snapshot(feed="ldap")])
    assert found == [
        FeedFinding("feed_rows", None, text, "hr") for text in ("row 9: a date", "row 10: a date")
    ]
