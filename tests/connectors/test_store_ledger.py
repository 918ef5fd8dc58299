"""The store keeps the tree that its entries make, in whatever portions they come."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.evidence import canonical, leaf_of
from correlate.ledger_check import check
from correlate.merkle import extends, includes, prove_consistency, prove_inclusion, root_at
from correlate.ports_store import Transaction
from correlate.tree_head import HeadStamp, TreeHead
from correlate.verdict import LedgerEntry
from tests.correlate.cast import NOW


def entry(number: int) -> LedgerEntry:
    return LedgerEntry(NOW, "probe", f"credential {number}", {"n": number})


def add(store: SqlStore, *portions: int) -> None:
    for portion in portions:
        with store.transaction() as tx:
            tx.runs.append(*map(entry, range(portion)))


def holds(tx: Transaction) -> bool:
    return check(tx.ledger.entries(), tx.ledger.nodes(), []).holds


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(portions=st.lists(st.integers(0, 9), max_size=6))
def test_the_tree_is_the_same_in_whatever_portions_it_grows(
    store: SqlStore, portions: list[int]
) -> None:
    with store.transaction() as tx:
        before = tx.ledger.size()
    add(store, *portions)
    with store.transaction() as tx:
        size = tx.ledger.size()
        assert size == before + sum(portions)
        assert [number for number, _ in tx.ledger.entries()] == list(range(1, size + 1))
        assert holds(tx)
        made = check(tx.ledger.entries(), [], [])
        assert root_at(size, tx.ledger.hashes).hex() == made.root


def test_what_is_kept_is_enough_for_proofs(store: SqlStore) -> None:
    add(store, 7, 6)
    with store.transaction() as tx:
        hashes, root = tx.ledger.hashes, root_at(13, tx.ledger.hashes)
        text = tx.ledger.entry(5)
        assert text == canonical(entry(4))
        assert includes(root, 13, leaf_of(text), 4, prove_inclusion(4, 13, hashes))
        old = root_at(7, hashes)
        assert extends(old, 7, root, 13, prove_consistency(7, 13, hashes))
        assert tx.ledger.entry(14) is None


@pytest.mark.parametrize(
    "harm",
    [
        "DELETE FROM ledger WHERE number = 8",
        "DELETE FROM ledger_node WHERE rank = (SELECT max(rank) FROM ledger_node)",
        "DELETE FROM ledger_node",
    ],
)
def test_nothing_is_added_to_a_ledger_whose_tree_does_not_fit(store: SqlStore, harm: str) -> None:
    add(store, 8)
    with store._opened().begin() as connection:
        connection.exec_driver_sql(harm)
    with pytest.raises(ConfigError, match="offkey ledger verify"):
        add(store, 1)


def test_stamps_are_kept_beside_one_another(store: SqlStore) -> None:
    head = TreeHead(7, NOW, "ab" * 32, "01234567", "cd" * 64)
    kept = [
        HeadStamp(replace(head, size=9), "Yg=="),
        HeadStamp(head, "YQ=="),
        HeadStamp(head, "Yw=="),
    ]
    with store.transaction() as tx:
        for one in kept:
            tx.ledger.save_stamp(one)
        assert list(tx.ledger.stamps()) == [kept[1], kept[2], kept[0]]


def test_heads_are_kept_beside_one_another(store: SqlStore) -> None:
    head = TreeHead(3, NOW, "ab" * 32, "0a1b2c3d", "cd" * 64)
    with store.transaction() as tx:
        for one in (replace(head, size=9), head, head):
            tx.ledger.save_head(one)
        assert list(tx.ledger.heads()) == [head, head, replace(head, size=9)]


def test_writers_at_once_make_one_tree(store: SqlStore) -> None:
    threads = [threading.Thread(target=add, args=(store, *[3] * 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.transaction() as tx:
        assert tx.ledger.size() == 120
        assert holds(tx)
