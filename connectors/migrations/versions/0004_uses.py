"""Keep when issuers were asked, and when they said that a credential was last used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; answers of before name neither."""
    op.add_column("answer", sa.Column("asked_at", sa.String(40)))
    op.add_column("answer", sa.Column("used_at", sa.String(40)))
