"""Keep the rows of issuers' own lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "inventory_row",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("container", sa.Text, primary_key=True),
        sa.Column("row_id", sa.Text, primary_key=True),
        sa.Column("data", sa.Text, nullable=False),
    )
