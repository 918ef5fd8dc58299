"""Keep the ledger as a Merkle tree; the chain of hashes that it was before becomes one.

An entry at which the chain was broken keeps the hash that it had, so that it is found still.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from alembic import op

from correlate.evidence import leaf_of
from correlate.merkle import Growing, rank

revision = "0010"
down_revision = "0009"
_MANY = 10_000


def upgrade() -> None:
    """Create the tables, number the entries without gaps, and make the tree."""
    kept = op.create_table(
        "ledger_node",
        sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "tree_head",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
    )
    ledger = sa.table("ledger", *map(sa.column, ("number", "text", "hash")))
    growing, before, last = Growing(), "0" * 64, 0
    while rows := _some(ledger, last):
        nodes = []
        for number, text, chained in rows:
            holds = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest() == chained
            leaf = leaf_of(text) if holds else bytes.fromhex(chained)
            nodes += [{"rank": rank(node), "hash": made.hex()} for node, made in growing.add(leaf)]
            if number != growing.size:  # never below it, so that none is taken twice on the way
                changed = ledger.update().where(ledger.c.number == number)
                op.execute(changed.values(number=growing.size))
            before, last = chained, number
        op.bulk_insert(kept, nodes)
    op.drop_column("ledger", "hash")


def _some(ledger: sa.TableClause, last: int) -> list[tuple[int, str, str]]:
    query = sa.select(ledger).where(ledger.c.number > last).order_by(ledger.c.number).limit(_MANY)
    return [(row.number, row.text, row.hash) for row in op.get_bind().execute(query)]
