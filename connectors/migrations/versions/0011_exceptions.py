"""Keep the steps of exceptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "exception_step",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("data", sa.Text, nullable=False),
    )
