"""Find credentials, persons and readers without reading everything.

What is indexed here is filled as it is saved again: people at the next reading of the feeds, places
as they are traced again, rows at the next reading of the lists.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the tables; forget the readers kept with each place, and have all traced anew."""
    _create()
    op.create_index("exposure_place", "exposure", ["source", "container"])
    op.add_column(
        "inventory_row", sa.Column("key_id", sa.String(64), nullable=False, server_default="")
    )
    op.add_column(
        "inventory_row", sa.Column("digest", sa.String(64), nullable=False, server_default="")
    )
    op.create_index("inventory_row_of", "inventory_row", ["digest"])
    places = sa.table("exposure", *map(sa.column, ("key_id", "digest", "data", "traced")))
    found = op.get_bind().execute(sa.select(places.c.key_id, places.c.digest, places.c.data)).all()
    hints = {
        (value, row.key_id, row.digest)
        for row in found
        for value in json.loads(row.data).get("hints", ())
    }
    hint = sa.table("hint", *map(sa.column, ("value", "key_id", "digest", "listed")))
    if hints:
        rows = [
            dict(zip(("value", "key_id", "digest"), one, strict=True), listed=0) for one in hints
        ]
        op.bulk_insert(hint, rows)
    op.execute(places.update().values(traced=0))


def _key() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("key_id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
    )


def _create() -> None:
    op.create_table(
        "hint",
        sa.Column("value", sa.String(64), primary_key=True),
        *_key(),
        sa.Column("listed", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("hint_of", "hint", ["key_id", "digest"])
    op.create_table(
        "mention",
        sa.Column("handle", sa.Text, primary_key=True),
        *_key(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "access",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("container", sa.Text, primary_key=True),
        sa.Column("handle", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("access_of", "access", ["handle"])
    op.create_table(
        "person",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holding",
        sa.Column("handle", sa.Text, primary_key=True),
        sa.Column("system", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("holding_of", "holding", ["person"])
    op.create_table(
        "mark",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
