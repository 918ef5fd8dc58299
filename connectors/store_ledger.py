"""The store's ledger: its entries, the tree over them, and the heads that were signed.

Every whole subtree, each leaf too, is kept by its rank (`correlate.merkle.rank`): the table only grows at
its end, and a proof reads a few rows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select, text

from connectors.store_rows import chunks, dumped, loaded, streamed
from connectors.store_schema import head_stamp, ledger, ledger_node, tree_head
from correlate.errors import ConfigError
from correlate.evidence import canonical, leaf_of
from correlate.merkle import Growing, Node, rank, whole
from correlate.tree_head import HeadStamp, TreeHead
from correlate.verdict import LedgerEntry

_AT_ONCE = 10_000  # entries held in memory while they are appended


@dataclass(frozen=True, slots=True)
class LedgerRows:
    """`LedgerVerbs` over one connection. Entries are numbered from 1, without a gap."""

    connection: Connection

    def append(self, entries: Iterable[LedgerEntry]) -> None:
        growing = None
        for chunk in chunks(entries, _AT_ONCE):
            growing = growing or self._growing()
            texts, nodes = [], []
            for entry in chunk:
                said = canonical(entry)
                nodes += [(rank(node), made.hex()) for node, made in growing.add(leaf_of(said))]
                texts.append((growing.size, said))
            self._insert(ledger, texts)
            self._insert(ledger_node, nodes)

    def entries(self) -> Iterator[tuple[int, str]]:
        query = select(ledger.c.number, ledger.c.text).order_by(ledger.c.number)
        yield from streamed(self.connection, query)

    def entry(self, number: int) -> str | None:
        return self.connection.scalar(select(ledger.c.text).where(ledger.c.number == number))

    def size(self) -> int:
        return self.connection.scalar(select(func.max(ledger.c.number))) or 0

    def hashes(self, nodes: Iterable[Node]) -> Mapping[Node, bytes]:
        named = {rank(node): node for node in nodes}
        found: dict[Node, bytes] = {}
        for chunk in chunks(named):
            # straight to the driver: a statement is made in more time than it finds a proof's rows in
            marks = ", ".join([self._mark] * len(chunk))
            query = f"SELECT rank, hash FROM ledger_node WHERE rank IN ({marks})"  # noqa: S608  # our own names
            for place, made in self.connection.exec_driver_sql(query, tuple(chunk)).all():
                found[named[place]] = bytes.fromhex(made)
        if len(found) < len(named):
            raise _changed()
        return found

    def nodes(self) -> Iterator[tuple[int, str]]:
        query = select(ledger_node.c.rank, ledger_node.c.hash).order_by(ledger_node.c.rank)
        yield from streamed(self.connection, query)

    def save_head(self, head: TreeHead) -> None:
        self.connection.execute(tree_head.insert(), [{"size": head.size, "data": dumped(head)}])

    def heads(self) -> Iterator[TreeHead]:
        query = select(tree_head.c.data).order_by(tree_head.c.size, tree_head.c.number)
        for (data,) in streamed(self.connection, query):
            yield loaded(TreeHead, data)

    def save_stamp(self, stamp: HeadStamp) -> None:
        row = {"size": stamp.head.size, "data": dumped(stamp)}
        self.connection.execute(head_stamp.insert(), [row])

    def stamps(self) -> Iterator[HeadStamp]:
        query = select(head_stamp.c.data).order_by(head_stamp.c.size, head_stamp.c.number)
        for (data,) in streamed(self.connection, query):
            yield loaded(HeadStamp, data)

    def _insert(self, table: Table, rows: list[tuple[int, str]]) -> None:
        # straight to the driver: numbers and texts need no processing on the way
        first, second = table.columns.keys()
        marks = f"{self._mark}, {self._mark}"
        statement = f"INSERT INTO {table.name} ({first}, {second}) VALUES ({marks})"  # noqa: S608  # our own names
        self.connection.exec_driver_sql(statement, rows)

    @property
    def _mark(self) -> str:
        return "?" if self.connection.dialect.name == "sqlite" else "%s"

    def _growing(self) -> Growing:
        """Return the tree's right edge, and keep everybody else from adding to it until the end of the
        transaction.
        """
        if self.connection.dialect.name == "postgresql":  # on SQLite the transaction does
            self.connection.execute(text("LOCK TABLE ledger IN EXCLUSIVE MODE"))
        size = self.size()
        newest = self.connection.scalar(select(func.max(ledger_node.c.rank)))
        if size and newest != rank(whole(0, size)[-1]):
            raise _changed()
        nodes = whole(0, size)
        found = self.hashes(nodes)
        return Growing(size, [found[node] for node in nodes])


def _changed() -> ConfigError:
    return ConfigError(
        "The ledger was changed", where="the store", why="its tree does not fit its entries",
        fix="see where with `offkey ledger verify`; keep the store as it is and find out who wrote to it",
    )  # fmt: skip
