"""Judging a company of 200,000 people, past and present, and a million places, and asking about one.

    python -m bench.company judge|night FOLDER

The floor is the bare reading of the same rows, which no judgement can do without.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote

from bench.measure import Cost, offkey, run
from connectors.store_rows import dumped, loaded
from correlate.kind import Kind
from correlate.memory import listed_by
from correlate.model import DirectoryAccount, Employment, KindId, PeopleSnapshot, Worker
from correlate.ports_store import Store
from jobs import config as configuration
from jobs.judge import judge_all
from jobs.outcome import Exit
from jobs.people import read_people
from jobs.rules import kinds_of, rules_of
from jobs.wiring import Wiring
from sample_data.corporation import NOW, Corporation, build
from sample_data.corporation_secrets import keep, plant, register

PEOPLE, CREDENTIALS, PLACES = 200_000, 200_000, 1_000_000
_KIND = KindId("github_pat_classic")
_AT_ONCE = 2000
_ASKED = 9
TOMORROW = NOW + timedelta(days=1)
_RENAMED_ONE_IN, _LEAVES_ONE_IN = 300, 2000
Row = TypeVar("Row", Worker, DirectoryAccount)


@dataclass(frozen=True, slots=True)
class Company:
    """`first` links all people, judges everything and writes all of it; `again` judges everything once
    more, with nothing new; `night` does that after it read all feeds, of which one row in a few
    hundred is another one; `relinked` after it linked all people anew out of their feeds.
    `floor_s` is the bare reading of all places and people. `leaver_s` are the wall times of
    `offkey leaver --offline`, the command's start included, sorted.
    """

    people: int
    credentials: int
    places: int
    cases: int
    first: Cost
    again: Cost
    night: Cost
    relinked: Cost
    floor_s: float
    leaver_s: tuple[float, ...]

    @property
    def leaver_median_s(self) -> float:
        """The median of the answers' times."""
        return statistics.median(self.leaver_s)


def measure_company(
    work: Path, people: int = PEOPLE, credentials: int = CREDENTIALS, places: int = PLACES
) -> Company:
    """Return what judging a new company costs, and asking about one of its leavers."""
    folder = work / "company"
    folder.mkdir(parents=True)
    env = {"COMPANY_PEPPER": secrets.token_hex(32), "XDG_CACHE_HOME": str(work / "cache")}
    (folder / "offkey.toml").write_text(
        '[organisation]\nname = "Ottershaw"\npepper = { env = "COMPANY_PEPPER" }\nstate = "state"\n'
    )
    company = build(1, people)
    fill(folder, company, env, credentials, places)
    judging = [sys.executable, "-m", "bench.company", "judge", str(folder)]
    first, again = run(judging, env).cost, run(judging, env).cost
    write_feeds(folder, env)
    night = run([sys.executable, "-m", "bench.company", "night", str(folder)], env).cost
    _unlink(folder, env)
    relinked = run(judging, env).cost
    return Company(
        people,
        credentials,
        places,
        _cases(folder),
        first,
        again,
        night,
        relinked,
        _floor(folder),
        tuple(sorted(islice(_answered(folder, company, env), _ASKED))),
    )


def fill(
    folder: Path, company: Corporation, env: dict[str, str], credentials: int, places: int
) -> None:
    """Put a company's feeds, places, readers and answers into the store of a configuration."""
    config = configuration.load(folder / "offkey.toml", env)
    store = Wiring(config, ()).store()
    store.prepare()
    try:
        with store.transaction() as tx:
            register(company, tx)
        planted = plant(company, 1, credentials, places, _KIND)
        while batch := list(islice(planted, _AT_ONCE)):
            with store.transaction() as tx:
                keep(batch, tx)
    finally:
        store.close()


def _unlink(folder: Path, env: dict[str, str]) -> None:
    """Have all people linked anew at the next judgement: a feed has come in again, as it was."""
    store = Wiring(configuration.load(folder / "offkey.toml", env), ()).store()
    with store.transaction() as tx:
        tx.people.save_snapshot(tx.people.snapshots()[0])
    store.close()


def judge(folder: Path) -> None:
    """Judge all that is in the store of a configuration."""
    with _opened(folder) as (store, kinds):
        judge_all(store, kinds, NOW, 0)


@contextmanager
def _opened(folder: Path) -> Iterator[tuple[Store, Mapping[KindId, Kind]]]:
    config = configuration.load(folder / "offkey.toml", dict(_environ()))
    kinds = {kind.id: kind for kind in kinds_of(rules_of(config), folder / "cache")}
    store = Wiring(config, ()).store()
    store.prepare()
    yield store, kinds
    store.close()


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed that is read from a file."""

    path: Path

    @property
    def name(self) -> str:
        return unquote(self.path.stem)

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        if last is None:
            raise LookupError(self.name)
        return replace(loaded(PeopleSnapshot, self.path.read_text()), taken_at=now)


def write_feeds(folder: Path, env: dict[str, str]) -> None:
    """Write the feeds in force beside the store, but some rows as they are a day later."""
    store = Wiring(configuration.load(folder / "offkey.toml", env), ()).store()
    (folder / "feeds").mkdir(exist_ok=True)
    with store.transaction() as tx:
        for taken in tx.people.snapshots():
            if listed_by(taken.feed) != taken.feed:
                continue  # a memory is no feed
            workers = [_later(number, row) for number, row in enumerate(taken.workers)]
            accounts = [_renamed(number, row) for number, row in enumerate(taken.accounts)]
            new = replace(taken, workers=tuple(workers), accounts=tuple(accounts))
            (folder / "feeds" / f"{quote(taken.feed, safe='')}.json").write_text(dumped(new))
    store.close()


def _later(number: int, row: Worker) -> Worker:
    if number % _LEAVES_ONE_IN == 0 and row.ends_at is None:
        return replace(row, ends_at=TOMORROW, employment=Employment.LEFT)
    return _renamed(number, row)


def _renamed(number: int, row: Row) -> Row:
    return replace(row, name=f"{row.name} II") if number % _RENAMED_ONE_IN == 0 else row


def night(folder: Path) -> None:
    """Read feeds of which some rows are new into the store of a configuration, and judge all in it."""
    feeds = [_Feed(path) for path in sorted((folder / "feeds").iterdir())]
    with _opened(folder) as (store, kinds):
        report = read_people(feeds, store, TOMORROW, PEOPLE)
        if report.problems:
            raise SystemExit(report.problems[0].what)
        judge_all(store, kinds, TOMORROW, 0)


def _environ() -> dict[str, str]:
    return {"COMPANY_PEPPER": "0" * 64}  # nothing is fingerprinted here


def _answered(folder: Path, company: Corporation, env: dict[str, str]) -> Iterator[float]:
    """Yield how long answers about leavers take, by an address each; whoever shares all of theirs with
    somebody else would have to be named by number.
    """
    gone = [one for one in company.humans if one.gone and one.in_hr]
    for one in gone[:: max(1, len(gone) // (_ASKED * _ASKED))]:
        words = ("--config", str(folder / "offkey.toml"), "leaver", one.mails[-1], "--offline")
        ended = run(offkey(*words), env)
        if ended.status in (Exit.CLEAN, Exit.FINDINGS):
            yield ended.cost.wall


def _cases(folder: Path) -> int:
    with sqlite3.connect(folder / "state" / "offkey.db") as database:
        return int(database.execute("select count(*) from held_case").fetchone()[0])


def _floor(folder: Path) -> float:
    began = time.monotonic()
    with sqlite3.connect(folder / "state" / "offkey.db") as database:
        for table in ("exposure", "person"):
            for (text,) in database.execute(f"select data from {table}"):  # noqa: S608  # our own name
                json.loads(text)
    return time.monotonic() - began


if __name__ == "__main__":
    {"judge": judge, "night": night}[sys.argv[1]](Path(sys.argv[2]))
