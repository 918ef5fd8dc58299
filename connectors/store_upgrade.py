"""Brings a store's schema up to date, step by step (`connectors/migrations`)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, present: str | None) -> bool:
    """Bring the schema from the version that is `present` (None: nothing is there) to the newest.

    Returns False, and changes nothing, for a version that no step is known to.
    """
    scripts = ScriptDirectory(str(Path(__file__).parent / "migrations"))
    known = {revision.revision for revision in scripts.walk_revisions()}
    if present is not None and present not in known:
        return False
    config = Config()
    config.set_main_option("script_location", scripts.dir)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return True
