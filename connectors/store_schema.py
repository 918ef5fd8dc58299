"""The store's tables. Keys stand in columns, the rest of each value as JSON (`correlate.codec`)."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

scanned_item = Table(
    "scanned_item",
    metadata,
    Column("ruleset", String(64), primary_key=True),
    Column("item", String(64), primary_key=True),
    sqlite_with_rowid=False,
)

whole_scan = Table(
    "whole_scan",
    metadata,
    Column("source", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("state", String(200), nullable=False),
)

exposure = Table(
    "exposure",
    metadata,
    Column("key_id", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("traced", Integer, nullable=False),
    Column("data", Text, nullable=False),
    Index("exposure_item", "item"),
    Index("exposure_place", "source", "container"),
    Index("exposure_untraced", "source", "traced"),
)

# what credentials and rows of issuers' lists can be found by, kept beside them

hint = Table(
    "hint",
    metadata,
    Column("value", String(64), primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("listed", Integer, nullable=False),
    Index("hint_of", "key_id", "digest"),
    sqlite_with_rowid=False,
)

mention = Table(
    "mention",
    metadata,
    Column("handle", Text, primary_key=True),
    Column("key_id", String(64), primary_key=True),
    Column("digest", String(64), primary_key=True),
    sqlite_with_rowid=False,
)

access = Table(
    "access",
    metadata,
    Column("source", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("handle", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("data", Text, nullable=False),
    Index("access_of", "handle"),
    sqlite_with_rowid=False,
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)

standing = Table(  # where a person stands from an instant to another, by which edition of the rules
    "standing",
    metadata,
    Column("person", Text, primary_key=True),
    Column("rules", String(8), nullable=False),
    Column("since", String(40), nullable=False),
    Column("until", String(40), nullable=False),
    Column("data", Text, nullable=False),  # empty: simply here
    sqlite_with_rowid=False,
)

holding = Table(
    "holding",
    metadata,
    Column("handle", Text, primary_key=True),
    Column("system", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("times", Text, nullable=False),  # from when to when, by which source
    Index("holding_of", "person"),
    sqlite_with_rowid=False,
)

answer = Table(
    "answer",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("key_id", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", String(32), nullable=False),
    Column("at", String(40), nullable=False),
    Column("asked_at", String(40)),
    Column("used_at", String(40)),
    Column("data", Text, nullable=False),
    Index("answer_of", "key_id", "digest", "at"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("feed", String(200), primary_key=True),
    Column("taken_at", String(40), nullable=False),
    Column("data", Text, nullable=False),
)

mark = Table(
    "mark",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

departure = Table(
    "departure",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("spell", Text, nullable=False),
    Column("recorded_at", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Index("departure_of", "person", "spell"),
)

correction = Table(
    "correction",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("data", Text, nullable=False),
)

succession_step = Table(
    "succession_step",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("data", Text, nullable=False),
)

exception_step = Table(
    "exception_step",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("data", Text, nullable=False),
)

absence = Table(
    "absence",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("data", Text, nullable=False),
)

embargo = Table(
    "embargo",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("data", Text, nullable=False),
)

restriction = Table(
    "restriction",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("person", Text, nullable=False),
    Column("data", Text, nullable=False),
)

reference = Table(
    "reference",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", String(64), nullable=False),
    sqlite_with_rowid=False,
)

inventory_row = Table(
    "inventory_row",
    metadata,
    Column("source", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("row_id", Text, primary_key=True),
    Column("key_id", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("data", Text, nullable=False),
    Index("inventory_row_of", "digest"),
)

case = Table(
    "held_case",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("key_id", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(32), nullable=False),
    Column("person", Text),
    Column("data", Text, nullable=False),
    Index("held_case_of", "key_id", "digest"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("sink", String(200), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("data", Text, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("outlet", String(200), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("data", Text, nullable=False),
)

watch = Table(
    "watch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("data", Text, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("holder", String(200), nullable=False),
    Column("until", Float, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("job", String(64), nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("data", Text, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("source", Text, primary_key=True),
    Column("container", Text, primary_key=True),
    Column("data", Text, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
)

ledger_node = Table(
    "ledger_node",
    metadata,
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("hash", String(64), nullable=False),
)

tree_head = Table(
    "tree_head",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("size", Integer, nullable=False),
    Column("data", Text, nullable=False),
)

head_stamp = Table(
    "head_stamp",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("size", Integer, nullable=False),
    Column("data", Text, nullable=False),
)
