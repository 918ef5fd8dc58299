"""Whatever moment a nightly run is killed at, the next one ends as if nothing had happened."""

from __future__ import annotations

import contextlib
import random
import re
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors import store_sql
from connectors.ledger_key import LedgerKey
from correlate.codec import encode
from correlate.ports import Setup
from jobs.ledger import check_ledger
from sample_data.company import Company
from tests.jobs.apart import Levers, Offkey, kill, vendors
from tests.jobs.town import copied

SEED = 20261120
IN_A_ROW = 10  # kills before a run is left to end; then all begins anew
_OWN = re.compile(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{1,6}\+00:00|127\.0\.0\.1:\d+")
PATIENCE = 10.0  # seconds within which a killed run's children must be gone


@dataclass(frozen=True, slots=True)
class Picture:
    """What a finished run leaves behind, without the instants that differ from run to run."""

    places: list[str]
    cases: list[str]
    watches: list[str]
    tickets: list[tuple[str, str, bool]]

    @property
    def ticketed(self) -> int:
        """How many cases have a ticket; those that are only old have none."""
        return sum("'state': 'ticketed'" in held for held in self.cases)


def picture(folder: Path, levers: Levers) -> Picture:
    store = store_sql.connect(store_sql.Settings(), Setup("store", folder / "state"))
    with contextlib.closing(store):
        assert check_ledger(store, LedgerKey(folder / "state" / "ledger.key")).holds
        with store.transaction() as tx:
            places, cases, watches = tx.scans.exposures(), tx.cases.cases(), tx.cases.watches()
    return Picture(
        timeless(places),
        timeless(cases),
        timeless(watches),
        sorted((row["title"], str(row["labels"]), row["open"]) for row in levers.tickets()),
    )


def timeless(kept: Sequence[object]) -> list[str]:
    """Leave out what differs from run to run: the run's own instants and the vendors' ports."""
    return sorted(_OWN.sub("", str(encode(value))) for value in kept)


def whole(folder: Path) -> bool:
    with contextlib.closing(sqlite3.connect(folder / "state" / "offkey.db")) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)])


@dataclass(slots=True)
class Killer:
    """Starts runs and kills them, at moments drawn from a seeded source."""

    offkey: Offkey
    company: Company
    chance: random.Random
    seconds: float = 0.0
    kills: int = 0
    while_creating: int = 0
    rounds: int = 0

    @contextlib.contextmanager
    def anew(self) -> Iterator[Levers]:
        """Begin with an empty store and vendors that know no ticket; creating takes a while."""
        self.offkey.forget()
        with vendors(self.company, self.offkey.folder) as levers:
            config = self.offkey.folder / "offkey.toml"
            text = config.read_text(encoding="utf-8")
            config.write_text(text.replace("settle_seconds = 5.0", "settle_seconds = 1.5"))
            levers.pull("index-delay", seconds=0.5)
            slow: dict[str, Any] = {"times": 0, "method": "POST", "path": "/issue", "seconds": 0.03}
            levers.pull("fault", vendor="jira", kind="latency", **slow)
            yield levers

    def undisturbed(self) -> Picture:
        """Return what a run that nobody kills comes to, and learn how long it takes."""
        with self.anew() as levers:
            ended = self.offkey.run("run", "nightly")
            assert ended.code == 1, ended.said
            self.seconds = ended.seconds
            return picture(self.offkey.folder, levers)

    def round(self, most: int) -> Picture:
        """Kill up to `most` runs one after the other, until one ends; return what it comes to."""
        self.rounds += 1
        with self.anew() as levers:
            killed = (self._killed(levers, aimed=number % 2 == 1) for number in range(most))
            if all(killed):
                ended = self.offkey.run("run", "nightly")
                assert ended.code == 1, ended.said
            assert whole(self.offkey.folder)
            seen = picture(self.offkey.folder, levers)
            assert levers.creates() == len(seen.tickets) == seen.ticketed
            return seen

    def _killed(self, levers: Levers, *, aimed: bool) -> bool:
        """Start a run and kill it; False when it had ended by itself before its moment."""
        made = levers.creates()
        process = self.offkey.start("run", "nightly")
        if aimed:
            self._await_tickets(process, levers, made + self.chance.randrange(6))
            time.sleep(self.chance.uniform(0, 0.06))
        else:
            time.sleep(self.chance.uniform(0, self.seconds))
        if not kill(process):
            assert process.returncode == 1
            return False
        self.kills += 1
        self.while_creating += levers.creates() > made
        end = time.monotonic() + PATIENCE
        while self.offkey.processes():
            assert time.monotonic() < end, "a killed run left processes behind"
            time.sleep(0.02)
        return True

    def _await_tickets(self, process: subprocess.Popen[bytes], levers: Levers, wanted: int) -> None:
        while process.poll() is None and levers.creates() < wanted:
            time.sleep(0.005)


@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.long)])
def test_a_killed_run_is_taken_up_with_no_ticket_twice_and_none_lost(
    built: Company, tmp_path: Path, kills: int
) -> None:
    company = copied(built, tmp_path / "company")
    killer = Killer(Offkey(tmp_path), company, random.Random(SEED))  # noqa: S311  # moments, not secrets
    wanted = killer.undisturbed()
    assert wanted.ticketed == len(wanted.tickets) > 30
    assert all(still_open for _, _, still_open in wanted.tickets)
    while killer.kills < kills:
        assert killer.round(min(IN_A_ROW, kills - killer.kills)) == wanted
    assert killer.while_creating > kills // 10
