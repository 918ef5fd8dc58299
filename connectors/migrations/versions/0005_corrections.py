"""Keep what people said of whose an identity is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "correction",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("data", sa.Text, nullable=False),
    )
