"""Find cases by their credential, and read who held what without reading whole persons."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
_AT_ONCE = 2000


def upgrade() -> None:
    """Add the columns, and fill them out of the values."""
    for name in ("key_id", "digest"):
        op.add_column(
            "held_case", sa.Column(name, sa.String(64), nullable=False, server_default="")
        )
    op.create_index("held_case_of", "held_case", ["key_id", "digest"])
    op.add_column("holding", sa.Column("times", sa.Text, nullable=False, server_default="[]"))
    case = sa.table("held_case", *map(sa.column, ("key", "key_id", "digest", "data")))
    for found in _values("held_case", "key"):
        rows = [{"_key": key, **value["fingerprint"]} for key, value in found]
        changed = case.update().where(case.c.key == sa.bindparam("_key"))
        op.get_bind().execute(
            changed.values(key_id=sa.bindparam("key_id"), digest=sa.bindparam("digest")), rows
        )
    names = ("handle", "system", "person")
    holding = sa.table("holding", *map(sa.column, (*names, "times")))
    same = sa.and_(*(holding.c[name] == sa.bindparam(f"_{name}") for name in names))
    for found in _values("person", "id"):
        rows = [row for person, value in found for row in _held(person, value)]
        if rows:
            op.get_bind().execute(
                holding.update().where(same).values(times=sa.bindparam("times")), rows
            )


def _values(name: str, key: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    table = sa.table(name, sa.column(key), sa.column("data"))
    last = ""
    query = sa.select(table.c[key], table.c.data).order_by(table.c[key]).limit(_AT_ONCE)
    while rows := op.get_bind().execute(query.where(table.c[key] > last)).all():
        yield [(name, json.loads(text)) for name, text in rows]
        last = rows[-1][0]


def _held(person: str, value: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    times: dict[tuple[str, str], list[list[str | None]]] = defaultdict(list)
    for one in value.get("holdings", ()):
        who = one["identity"]["handle"], one["identity"]["system"]
        times[who].append([one.get("since"), one.get("until"), one["source"]])
    for (handle, system), held in times.items():
        yield {
            "_handle": handle, "_system": system, "_person": person,
            "times": json.dumps(held, separators=(",", ":")),
        }  # fmt: skip
