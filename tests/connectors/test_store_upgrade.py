"""A store of an older offkey is brought up to date, and loses nothing that it knew."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from connectors import store_sql, store_upgrade
from correlate.codec import encode
from correlate.ledger_check import check
from correlate.model import Reader
from correlate.ports import Setup
from correlate.verdict import LedgerEntry
from tests.correlate.cast import FP, NOW, author, exposure, mail, snapshot, worker


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Write a store as it was before people and places could be found by index."""
    path = tmp_path / "offkey.db"
    config = Config()
    folder = Path(store_upgrade.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    with create_engine(f"sqlite:///{path}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        readers = (Reader(mail("o@x"), "why"),)
        place = replace(
            exposure(author("jane@x.example", "2025-02-01"), readers=readers), hints=("h1",)
        )
        where = place.locator
        connection.exec_driver_sql(
            "insert into exposure values (?, ?, ?, ?, ?, ?, ?, 1, ?)",
            (FP.key_id, FP.digest, where.source, where.container, where.item, "", 0,
             json.dumps(encode(place))),  # what holds its default was left out then
        )  # fmt: skip
        connection.exec_driver_sql(
            "insert into snapshot values ('hr', ?, ?)",
            (NOW.isoformat(), json.dumps(encode(snapshot(worker("1", "jane@x.example"))))),
        )
    return tmp_path


def test_what_was_known_can_be_found(old: Path) -> None:
    store = store_sql.connect(store_sql.Settings(), Setup("store", old))
    store.prepare()
    with store.transaction() as tx:
        (kept,) = tx.scans.exposures(FP)
        assert kept.hints == ("h1",)
        assert [one.value for one in tx.scans.hints_of([FP])] == ["h1"]
        assert tx.scans.untraced("repos") == [kept.locator]  # to be traced again, with its readers
        assert not tx.people.persons_current()
        assert kept.trace is not None
        tx.scans.save_trace(kept.trace, NOW + timedelta(days=1))
        assert tx.scans.mentioning(["jane@x.example"]) == {FP}
    store.close()


def test_a_version_that_no_step_makes_is_left_alone(old: Path) -> None:
    with create_engine(f"sqlite:///{old / 'offkey.db'}").begin() as connection:
        assert not store_upgrade.upgrade(connection, "9999")
        assert store_upgrade.upgrade(connection, "0006")


@pytest.mark.parametrize(("harmed", "fault"), [(None, None), (3, 3)])
def test_a_chain_becomes_a_tree_and_a_break_in_it_stays_one(
    old: Path, harmed: int | None, fault: int | None
) -> None:
    before = "0" * 64
    with create_engine(f"sqlite:///{old / 'offkey.db'}").begin() as connection:
        for number in (1, 2, 4, 7, 8):  # a server's sequence leaves gaps
            text = f'{{"n":{number}}}'
            before = hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()
            row = (number, text, before)
            connection.exec_driver_sql("insert into ledger values (?, ?, ?)", row)
        if harmed is not None:
            connection.exec_driver_sql("update ledger set text = 'x' where number = 4")
    store = store_sql.connect(store_sql.Settings(), Setup("store", old))
    store.prepare()
    with store.transaction() as tx:
        made = check(tx.ledger.entries(), tx.ledger.nodes(), [])
        assert made.size == 5
        assert (made.first.first if made.first else None) == fault
        tx.runs.append(LedgerEntry(NOW, "probe", "x", {}))
    store.close()
