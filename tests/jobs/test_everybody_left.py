"""A personnel file that says that everybody left, from the file to the cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import feed_csv, people_csv
from connectors.store_sql import SqlStore
from correlate.model import CoverageState, LivenessState, Worker
from correlate.ports import Setup
from correlate.verdict import CaseKind
from jobs.judge import judge_all
from jobs.people import read_people
from tests.correlate.cast import FP, NOW, answer, author, exposure
from tests.jobs.stage import KIND, KINDS, cases, fresh_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def in_force(store: SqlStore) -> tuple[Worker, ...]:
    with store.transaction() as tx:
        last = tx.people.last_snapshot("hr")
    return last.workers if last else ()


@pytest.mark.parametrize(
    ("status", "end"), [("terminated", "2026-06-30"), ("terminated", ""), ("active", "2026-06-30")]
)
@pytest.mark.parametrize("known", [True, False], ids=["a later night", "the first night"])
def test_a_file_that_says_everybody_left_opens_nothing(
    store: SqlStore, tmp_path: Path, status: str, end: str, known: bool
) -> None:
    feed = people_csv.connect(
        people_csv.Settings(tmp_path / "people.csv", max_age_hours=0.0), Setup("hr", tmp_path)
    )
    if known:
        written(tmp_path, "active", "")
        assert read_people([feed], store, NOW, 50).problems == ()
    before = in_force(store)
    assert len(before) == (25 if known else 0)
    with store.transaction() as tx:
        tx.scans.save_exposures((exposure(author("p7@x.example", "2025-02-01")),), NOW)
        tx.scans.save_answer(FP, KIND.id, answer(LivenessState.LIVE))
    judge_all(store, KINDS, NOW, 0)  # of somebody who is here, or of nobody known
    held_before = cases(store)
    written(tmp_path, status, end)
    report = read_people([feed], store, NOW, 50)
    assert [part.state for part in report.coverage] == [CoverageState.FAILED]
    assert in_force(store) == before
    assert judge_all(store, KINDS, NOW, 0).opened == 0
    assert cases(store) == held_before
    assert CaseKind.F1 not in {held.kind for held in held_before}


def written(folder: Path, status: str, end: str) -> None:
    """Write a personnel file of 24 people of one standing, and of one who left long ago."""
    head = ",".join(filter(None, feed_csv.COLUMNS.values())) + ",github_login"
    columns = {name: field for field, name in feed_csv.COLUMNS.items()}
    lines = [head]
    for number in range(25):
        cells = {
            "worker_id": f"{number:04d}", "first_name": "P", "email": f"p{number}@x.example",
            "status": status if number else "terminated", "starts": "2020-01-01",
            "ends": end if number else "2021-01-31",
        }  # fmt: skip
        lines.append(",".join(cells.get(columns.get(name, ""), "") for name in head.split(",")))
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
