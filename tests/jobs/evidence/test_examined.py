"""What was examined in a period, and what was asked of the feeds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connectors.ledger_key import LedgerKey
from correlate.model import CoverageState
from correlate.period import parse_period
from jobs.config import ConnectorConfig
from jobs.evidence.examined import examined_in, feed_rows
from tests.correlate.cast import NOW, day
from tests.jobs.evidence.conftest import FEED, run_of
from tests.jobs.stage import fresh_store

NOVEMBER = parse_period("2026-11")
WHOLE, FAILED, PART = CoverageState.COMPLETE, CoverageState.FAILED, CoverageState.INCOMPLETE


def test_every_gap_is_shown_and_of_the_last_run_all(tmp_path: Path, key: LedgerKey) -> None:
    store = fresh_store(tmp_path)
    run_of(store, key, day("2026-10-31"), FAILED)
    run_of(store, key, day("2026-11-01"), WHOLE, FAILED, PART)
    run_of(store, key, day("2026-11-02"), WHOLE, WHOLE)
    with store.transaction() as tx:
        made = examined_in(tx, NOVEMBER)
    assert (made.planned, made.whole) == (5, 3)
    assert [run["parts"] for run in made.runs] == [
        {"complete": 1, "failed": 1, "incomplete": 1},
        {"complete": 2},
    ]
    assert [row["state"] for row in made.rows] == ["failed", "incomplete", "complete", "complete"]
    store.close()


def test_no_run_is_nothing_examined(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        made = examined_in(tx, NOVEMBER)
    assert (made.runs, made.planned) == ((), 0)
    store.close()


def entry(feed: str, at: str) -> dict[str, object]:
    data = {"digest": "d", "workers": 2, "accounts": 0}
    return {"at": day(at).isoformat(), "what": "people", "subject": feed, "data": data}


def test_a_feed_shows_what_it_was_asked_but_no_secret_and_its_longest_silence() -> None:
    read = [(4, entry("hr", "2026-11-02")), (9, entry("hr", "2026-11-12"))]
    rows = feed_rows([FEED], read, NOVEMBER, NOW)
    assert [row["ledger_entries"] for row in rows] == [[4], [9]]
    assert rows[0]["query"] == {"path": "hr.csv", "token": "(a secret)"}
    assert rows[0]["longest_gap_hours"] == 240
    assert (rows[1]["digest"], rows[1]["type"]) == ("d", "csv")


def test_a_feed_that_was_never_read_and_one_that_is_gone_are_told() -> None:
    never = ConnectorConfig("people", "ldap", "directory", "people[1]", {})
    rows = feed_rows([never], [(4, entry("old", "2026-11-02"))], NOVEMBER, NOW)
    by_feed = {row["feed"]: row for row in rows}
    assert by_feed["directory"]["read_at"] is None
    assert by_feed["directory"]["longest_gap_hours"] == (NOW - NOVEMBER.start) / timedelta(hours=1)
    assert by_feed["old"]["type"] == "no longer configured"
