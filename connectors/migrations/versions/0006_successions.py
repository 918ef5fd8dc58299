"""Keep the steps towards successors, and who was seen on leave of absence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    for name in ("succession_step", "absence"):
        op.create_table(
            name,
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("data", sa.Text, nullable=False),
        )
