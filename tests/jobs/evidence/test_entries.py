"""A pack shows the entries it is about, each under the head, and no others."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from connectors.ledger_key import LedgerKey
from correlate.evidence import leaf_of
from correlate.merkle import extends, includes
from correlate.tree_head import heads_in
from correlate.verdict import LedgerEntry
from jobs.evidence.entries import grown, proven, shown_entries
from jobs.ledger import head_now, seal
from tests.correlate.cast import NOW
from tests.jobs.evidence.conftest import YEAR
from tests.jobs.stage import fresh_store


def test_what_is_shown_is_proven_and_what_is_on_others_is_not_shown(
    tmp_path: Path, key: LedgerKey
) -> None:
    store = fresh_store(tmp_path)
    before = NOW - timedelta(days=900)
    with store.transaction() as tx:
        for number in range(20):
            tx.runs.append(LedgerEntry(before, "case", f"case{number % 4}", {"number": number}))
            seal(tx, key, NOW)
        tx.runs.append(
            LedgerEntry(NOW, "people", "hr", {}), LedgerEntry(before, "people", "hr", {})
        )
        head = head_now(tx, key, NOW)
        tx.runs.append(LedgerEntry(NOW, "case", "case1", {"number": "after the head"}))
        shown = shown_entries(tx, {"case1"}, YEAR, head.size)
        made, heads = list(proven(tx, shown, head)), list(grown(tx, head, YEAR))
    entries = [json.loads(one["entry"]) for one in made]
    assert {one["subject"] for one in entries} == {"case1", "hr"}
    assert [one["data"]["number"] for one in entries if one["what"] == "case"] == [1, 5, 9, 13, 17]
    assert [number for number, _ in shown.of({"people"})] == [41]
    assert shown.numbers("case1", "nobody") == [3, 11, 19, 27, 35]
    root = bytes.fromhex(head.root)
    for one in made:
        path = [bytes.fromhex(step) for step in one["inclusion_path"]]
        assert includes(root, head.size, leaf_of(one["entry"]), one["number"] - 1, path)
    assert len(heads) == 20
    for one in heads:
        (old,) = heads_in(one["head"])
        path = [bytes.fromhex(step) for step in one["consistency_path"]]
        assert extends(bytes.fromhex(old.root), old.size, root, head.size, path)
    store.close()
