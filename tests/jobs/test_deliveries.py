"""The tickets of a case are told over all ticket systems."""

from __future__ import annotations

from pathlib import Path

from correlate.model import CaseKey
from correlate.stored import Delivery, Phase
from jobs.deliveries import deliveries_of
from tests.correlate.cast import NOW
from tests.jobs.stage import fresh_store


def test_each_case_has_its_tickets_in_the_order_of_the_systems(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    one, two = CaseKey("c1"), CaseKey("c2")
    rows = [Delivery(sink, one, Phase.OPEN, NOW) for sink in ("jira", "snow", "other")]
    only = Delivery("snow", two, Phase.CREATING, NOW)
    with store.transaction() as tx:
        for row in (*rows, only):
            tx.cases.save_delivery(row)
        assert deliveries_of(tx, ["snow", "jira"]) == {one: [rows[1], rows[0]], two: [only]}
        assert deliveries_of(tx, []) == {}
    store.close()
