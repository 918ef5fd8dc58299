"""Keep where a person stands until that changes by itself: most of a company stand still for years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the table, empty: the next judgement fills it."""
    op.create_table(
        "standing",
        sa.Column("person", sa.Text, primary_key=True),
        sa.Column("rules", sa.String(8), nullable=False),
        sa.Column("since", sa.String(40), nullable=False),
        sa.Column("until", sa.String(40), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
