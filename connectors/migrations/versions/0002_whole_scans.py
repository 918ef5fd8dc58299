"""Remember the state in which a container was scanned whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "whole_scan",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("container", sa.Text, primary_key=True),
        sa.Column("state", sa.String(200), nullable=False),
    )
