"""`offkey ledger` says whether anything was changed, and hands out what shows it later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.tree_head import heads_in
from tests.jobs.cli.conftest import Desk


@contextmanager
def changed(desk: Desk, harm: str, mend: str) -> Iterator[None]:
    store = SqlStore(f"sqlite:///{desk.folder / 'state' / 'offkey.db'}")
    for statement in (harm, mend):
        with store._opened().begin() as connection:
            connection.exec_driver_sql(statement)
        if statement is harm:
            yield
    store.close()


def test_a_ledger_that_nobody_touched_holds(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "head.txt"
    assert desk.run("ledger", "export", "--output", str(file)).code == 0
    shown = desk.run("ledger", "verify", "--offline", "--witness", str(file))
    assert shown.code == 0
    assert "of which 0 disagree" in shown.out
    assert shown.lines[-1].startswith("nothing was changed")


def test_the_first_entry_that_was_changed_is_named(desk: Desk) -> None:
    harm = "UPDATE ledger SET text = text || ' ' WHERE number = 3"
    with changed(desk, harm, "UPDATE ledger SET text = trim(text) WHERE number = 3"):
        shown = desk.run("ledger", "verify", "--offline")
    assert shown.code == 1
    assert "changed    entry 3: it does not fit its leaf" in shown.out
    assert "against    the store, a head of" in shown.out


def test_a_ticket_system_that_cannot_be_asked_is_told(desk: Desk) -> None:
    shown = desk.run("ledger", "verify")  # the simulators have gone
    assert shown.code == 5
    assert "not asked  jira" in shown.out


def test_what_is_handed_out_is_in_the_ledger_first(desk: Desk) -> None:
    (head, again) = heads_in(desk.run("ledger", "export").out + desk.run("ledger", "export").out)
    assert again.size == head.size + 1
    made = json.loads(desk.run("ledger", "prove", str(head.size)).out)
    entry = json.loads(made["entry"])
    assert (entry["what"], entry["subject"]) == ("export", "ledger head")
    grown = json.loads(desk.run("ledger", "prove", "--since", str(head.size)).out)
    assert grown["first_root"] == head.root


def test_the_public_half_of_the_key_is_told(desk: Desk) -> None:
    (public,) = desk.run("ledger", "key").lines
    assert len(bytes.fromhex(public)) == 32
    assert public in desk.run("doctor").out


@pytest.mark.parametrize("words", [("prove",), ("prove", "1", "--since", "2")])
def test_a_proof_is_of_one_thing(desk: Desk, words: tuple[str, ...]) -> None:
    assert desk.run("ledger", *words).code == 2


WHO = "100109"
EXPORTS = (
    ("export",), ("report",), ("cases",), ("people", "findings"), ("people", "export", WHO),
    ("people", "explain", WHO), ("leaver", WHO, "--offline"), ("succession", "list"),
    ("succession", "risks"), ("ledger", "export"), ("ledger", "prove", "1"),
)  # fmt: skip


@pytest.mark.parametrize("words", EXPORTS, ids=" ".join)
def test_nothing_is_shown_without_its_entry(desk: Desk, words: tuple[str, ...]) -> None:
    store = SqlStore(f"sqlite:///{desk.folder / 'state' / 'offkey.db'}")
    with store.transaction() as tx:
        before = tx.ledger.size()
    desk.run(*words)
    with store.transaction() as tx:
        new = [json.loads(text)["what"] for at, text in tx.ledger.entries() if at > before]
    store.close()
    assert new == ["export"]
