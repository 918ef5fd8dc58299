"""Keep embargoes and restrictions, and the names under which the ledger speaks of people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
    for name in ("embargo", "restriction"):
        op.create_table(
            name,
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("person", sa.Text, nullable=False),
            sa.Column("data", sa.Text, nullable=False),
        )
    op.create_table(
        "reference",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.String(64), nullable=False),
        sqlite_with_rowid=False,
    )
