"""`offkey ledger` says whether anything was changed, and hands out what shows it later."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.tree_head import heads_in
from jobs.config import load
from jobs.ledger import seal
from jobs.nightly import stamp_step
from jobs.time_stamp import in_stamps
from jobs.wiring import Wiring
from tests.connectors.wire import answering
from tests.jobs.cli.conftest import Desk
from tests.tsa import Tsa, certified, pem


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


CONFIG = """\
[organisation]
pepper = {{ env = "PEPPER" }}

[ledger]
timestamp_url = "{base}/tsr"
timestamp_roots = "roots.pem"
timestamp_internal_hosts = ["127.0.0.1"]
"""


def test_by_when_heads_existed_is_told_and_handed_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEPPER", "x" * 64)
    root = certified("a root")
    (tmp_path / "roots.pem").write_bytes(pem(root))
    path = tmp_path / "offkey.toml"
    with answering(Tsa.made(tmp_path / "tsa", certified("a stamper", root))) as base:
        path.write_text(CONFIG.format(base=base))
        wiring = Wiring(load(path, os.environ), ())
        with closing(wiring.store()) as store:
            store.prepare()
            with store.transaction() as tx:
                head = seal(tx, wiring.ledger_key(), datetime.now(UTC))
            assert stamp_step(wiring, store) == ()
            (stamp,) = in_stamps(store, wiring.ledger_key(), wiring.time_authority).witnesses
    desk = Desk(tmp_path, capsys)
    shown = desk.run("ledger", "verify", "--offline")
    assert (shown.code, stamp.head) == (0, head)
    assert "stamped    1 heads, of which 1 agree" in shown.out
    assert (
        f"the first {head.size} entries existed by {stamp.stamped_at:%Y-%m-%d %H:%M:%S}"
        in shown.out
    )
    assert "CN=a stamper" in shown.lines[-1]
    handed = desk.run("ledger", "export").out
    assert [one.size for one in heads_in(handed)] == [head.size + 3, head.size]
    token = handed.splitlines()[-1].removeprefix("time stamp ")
    assert base64.b64decode(token, validate=True).startswith(b"0\x82")
    assert "believed under CN=a root" in desk.run("doctor").out
    (tmp_path / "roots.pem").write_bytes(pem(certified("a root")))
    lost = desk.run("ledger", "verify", "--offline")
    assert (lost.code, "not signed, when it says it was" in lost.out) == (1, True)
    (tmp_path / "roots.pem").unlink()
    assert desk.run("ledger", "verify", "--offline").code == 3
