"""Heads are made, stand in tickets, are gathered again, and say who changed what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.ledger_key import LedgerKey
from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.evidence import leaf_of
from correlate.ledger_check import Check
from correlate.merkle import Growing, extends, includes, rank
from correlate.model import CaseKey
from correlate.ticket import Draft
from correlate.tree_head import TreeHead, heads_in
from correlate.verdict import LedgerEntry
from jobs.ledger import (
    check_ledger,
    growth_since,
    head_now,
    in_file,
    in_tickets,
    proof_of,
    seal,
    witness_line,
)
from tests.correlate.cast import NOW
from tests.jobs.stage import fresh_store
from tests.twins.tickets import TicketTwin


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    add(made, 9)
    yield made
    made.close()


@pytest.fixture
def key(tmp_path: Path) -> LedgerKey:
    return LedgerKey(tmp_path / "ledger.key")


def add(store: SqlStore, count: int) -> None:
    with store.transaction() as tx:
        tx.runs.append(*(LedgerEntry(NOW, "probe", f"credential {n}", {}) for n in range(count)))


def ticket(store: SqlStore, key: LedgerKey) -> TicketTwin:
    twin = TicketTwin()
    line = witness_line(store, key, lambda: NOW)
    twin.open(Draft(CaseKey("a" * 24), "t", (), witness=line))
    return twin


def rewrite(store: SqlStore, key: LedgerKey, number: int, *, resign: bool) -> None:
    """Change an entry as somebody would who has the store, and (`resign`) the key too."""
    with store.transaction() as tx:
        texts = [
            text.replace("probe", "answer") if at == number else text
            for at, text in tx.ledger.entries()
        ]
        heads = list(tx.ledger.heads())
    growing, nodes, roots = Growing(), [], {}
    for text in texts:
        nodes += [(rank(node), made.hex()) for node, made in growing.add(leaf_of(text))]
        roots[growing.size] = growing.root().hex()
    with store._opened().begin() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_node")
        connection.exec_driver_sql("INSERT INTO ledger_node VALUES (?, ?)", nodes)
        changed = (texts[number - 1], number)
        connection.exec_driver_sql("UPDATE ledger SET text = ? WHERE number = ?", changed)
        if resign:
            connection.exec_driver_sql("DELETE FROM tree_head")
    if resign:
        with store.transaction() as tx:
            for head in heads:
                tx.ledger.save_head(key.signed(TreeHead(head.size, head.at, roots[head.size])))


def named(made: Check) -> tuple[list[str], tuple[int, int] | None]:
    first = made.first
    return [one.name for one in made.against], (first.first, first.last) if first else None


def test_a_head_covers_the_entry_that_says_so(store: SqlStore, key: LedgerKey) -> None:
    with store.transaction() as tx:
        head = seal(tx, key, NOW)
        assert '"what":"tree_head"' in (tx.ledger.entry(head.size) or "")
        assert head.size == tx.ledger.size() == 10
        assert list(tx.ledger.heads()) == [head]
    assert key.genuine(head)
    made = check_ledger(store, key)
    assert (made.holds, made.witnesses) == (True, 1)


def test_a_rewritten_tree_is_shown_by_the_head_in_the_store(
    store: SqlStore, key: LedgerKey
) -> None:
    for _ in range(2):
        with store.transaction() as tx:
            seal(tx, key, NOW)
        add(store, 5)
    rewrite(store, key, 12, resign=False)
    assert named(check_ledger(store, key)) == (["the store"], (11, 16))


def test_heads_signed_with_a_stolen_key_are_shown_by_a_ticket_and_by_a_file(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        seal(tx, key, NOW)
    twin = ticket(store, key)
    file = tmp_path / "kept.txt"
    file.write_text(f"as told on the telephone:\n{witness_line(store, key, lambda: NOW)}\n")
    rewrite(store, key, 4, resign=True)
    assert check_ledger(store, key).holds, "nothing in the store shows it"
    told = in_tickets([twin], key)
    assert named(check_ledger(store, key, told.witnesses)) == (
        ["ticket SEC-1 in tickets"],
        (1, 10),
    )
    assert named(check_ledger(store, key, in_file(file, key))) == (["kept.txt"], (1, 10))


def test_another_key_in_the_place_of_ours_is_told(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    twin = ticket(store, key)
    another = LedgerKey(tmp_path / "another.key")
    made = check_ledger(store, another, in_tickets([twin], another).witnesses)
    assert named(made) == (["ticket SEC-1 in tickets"], None)
    assert not made.holds


def test_a_ticket_system_that_is_down_is_a_problem_and_the_others_are_asked(
    store: SqlStore, key: LedgerKey
) -> None:
    told = in_tickets([TicketTwin(name="lost", down=True), ticket(store, key)], key)
    assert [one.place for one in told.problems] == ["lost"]
    assert len(told.witnesses) == 1


@pytest.mark.parametrize("text", [None, "", "offkey ledger head 7"])
def test_a_file_without_a_head_is_no_witness(
    tmp_path: Path, key: LedgerKey, text: str | None
) -> None:
    file = tmp_path / "kept.txt"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match="no witness"):
        in_file(file, key)


def test_an_entry_is_proved_to_whoever_has_the_head(store: SqlStore, key: LedgerKey) -> None:
    with store.transaction() as tx:
        head = head_now(tx, key, NOW)
        made = proof_of(tx, 4, head)
        with pytest.raises(ConfigError, match="no such entry"):
            proof_of(tx, 10, head)
    (said,) = heads_in(made["head"])
    assert key.genuine(said)
    path = [bytes.fromhex(one) for one in made["inclusion_path"]]
    root, leaf = bytes.fromhex(said.root), leaf_of(made["entry"])
    assert includes(root, said.size, leaf, made["leaf_index"], path)


def test_growth_is_proved_from_one_head_to_the_next(store: SqlStore, key: LedgerKey) -> None:
    with store.transaction() as tx:
        old = head_now(tx, key, NOW)
    add(store, 4)
    with store.transaction() as tx:
        made = growth_since(tx, old.size, head_now(tx, key, NOW))
        with pytest.raises(ConfigError, match="never had that size"):
            growth_since(tx, 14, head_now(tx, key, NOW))
    assert made["first_root"] == old.root
    path = [bytes.fromhex(one) for one in made["consistency_path"]]
    roots = bytes.fromhex(old.root), bytes.fromhex(made["root_hash"])
    assert extends(roots[0], old.size, roots[1], made["tree_size"], path)
