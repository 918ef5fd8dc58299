"""The ledger's signed heads: made, handed to witnesses, gathered again, and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.ledger_key import LedgerKey
from correlate.errors import ConfigError, OffkeyError
from correlate.ledger_check import Check, Witness, check
from correlate.merkle import prove_consistency, prove_inclusion, root_at
from correlate.ports import TicketSink
from correlate.ports_store import Store, Transaction
from correlate.tree_head import TreeHead, heads_in
from correlate.verdict import LedgerEntry
from jobs.outcome import Problem, problem

STEP = "ledger"


@dataclass(frozen=True, slots=True)
class Gathered:
    """Witnesses from outside the store, and where some could not be asked."""

    witnesses: tuple[Witness, ...]
    problems: tuple[Problem, ...]


def head_now(tx: Transaction, key: LedgerKey, now: datetime) -> TreeHead:
    """Return the signed head of the tree as it is."""
    size = tx.ledger.size()
    return key.signed(TreeHead(size, now, root_at(size, tx.ledger.hashes).hex()))


def seal(tx: Transaction, key: LedgerKey, now: datetime) -> TreeHead:
    """Write into the ledger that a head is made, and keep the head of all up to that entry."""
    tx.runs.append(LedgerEntry(now, "tree_head", "ledger", {"size": tx.ledger.size() + 1}))
    head = head_now(tx, key, now)
    tx.ledger.save_head(head)
    return head


def witness_line(store: Store, key: LedgerKey, clock: Callable[[], datetime]) -> str:
    """Return the head as it is at this moment, as the line that a ticket carries."""
    with store.transaction() as tx:
        return head_now(tx, key, clock()).line


def check_ledger(store: Store, key: LedgerKey, others: Iterable[Witness] = ()) -> Check:
    """Make the tree anew from all entries, and hold it against the kept tree, the kept heads and
    `others`. Changes nothing.
    """
    with store.transaction() as tx:
        kept = [
            Witness("the store", head, key.genuine(head), outside=False)
            for head in tx.ledger.heads()
        ]
        return check(tx.ledger.entries(), tx.ledger.nodes(), [*kept, *others])


def in_tickets(sinks: Iterable[TicketSink], key: LedgerKey) -> Gathered:
    """Return every head that stands in a ticket of ours."""
    found: list[Witness] = []
    problems: list[Problem] = []
    for sink in sinks:
        try:
            for ref, text in sink.texts():
                found += _named(f"ticket {ref.key} in {sink.name}", text, key)
        except OffkeyError as error:
            problems.append(problem(STEP, sink.name, error))
    return Gathered(tuple(dict.fromkeys(found)), tuple(problems))


def in_file(path: Path, key: LedgerKey) -> list[Witness]:
    """Return every head that stands in a file, whatever else does. Raises ConfigError for none."""
    try:
        found = list(_named(path.name, path.read_text(encoding="utf-8", errors="replace"), key))
    except OSError as error:
        raise _no_witness(path, str(error.strerror)) from None
    if not found:
        raise _no_witness(path, "no line in it is a head")
    return found


def proof_of(tx: Transaction, number: int, head: TreeHead) -> Mapping[str, Any]:
    """Return an entry with the proof that it is under the head (RFC 9162, 2.1.3). Raises ConfigError
    where there is no such entry.
    """
    text = tx.ledger.entry(number)
    if text is None or number > head.size:
        raise ConfigError(
            "There is no such entry", where=f"entry {number}", why=f"the ledger has {head.size}",
            fix="numbers begin at 1",
        )  # fmt: skip
    path = prove_inclusion(number - 1, head.size, tx.ledger.hashes)
    return {
        "schema_version": 1,
        "entry": text,
        "leaf_index": number - 1,
        **_plain(head),
        "inclusion_path": [one.hex() for one in path],
    }


def growth_since(tx: Transaction, size: int, head: TreeHead) -> Mapping[str, Any]:
    """Return the proof that the tree only grew from `size` entries to the head's (RFC 9162, 2.1.4).
    Raises ConfigError where it never had that size.
    """
    if not 0 < size <= head.size:
        raise ConfigError(
            "The ledger never had that size", where=f"size {size}", why=f"it has {head.size} entries",
            fix="take the size from a head",
        )  # fmt: skip
    path = prove_consistency(size, head.size, tx.ledger.hashes)
    return {
        "schema_version": 1,
        "first_size": size,
        "first_root": root_at(size, tx.ledger.hashes).hex(),
        **_plain(head),
        "consistency_path": [one.hex() for one in path],
    }


def _plain(head: TreeHead) -> dict[str, Any]:
    return {"tree_size": head.size, "root_hash": head.root, "head": head.line, "note": head.note}


def _named(name: str, text: str, key: LedgerKey) -> Iterator[Witness]:
    for head in heads_in(text):
        yield Witness(name, head, key.genuine(head))


def _no_witness(path: Path, why: str) -> ConfigError:
    return ConfigError(
        "That file is no witness", where=str(path), why=why,
        fix="give a file that `offkey ledger export` wrote, or that holds a head as a ticket shows it",
    )  # fmt: skip
