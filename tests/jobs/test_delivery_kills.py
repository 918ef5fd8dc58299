"""Whenever a delivery is killed, the next one ends with exactly one open ticket a case."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors import store_sql
from connectors.ledger_key import LedgerKey
from correlate.ports import Setup
from correlate.stored import Phase
from jobs.ledger import check_ledger
from sample_data.simulators import jira, jira_dc, servicenow
from sample_data.simulators.plan import Forge, Plan
from sample_data.simulators.routing import Service
from sample_data.simulators.server import serving
from sample_data.simulators.world import World
from tests.connectors.conftest import LOGINS
from tests.jobs.delivering import SINK, deliver_once, many_cases

SEED = 20261130
CASES = 8
IN_A_ROW = 6  # kills before a delivery is left to end; then all begins anew
LAG = 0.15  # seconds until the search index knows what was made
PATIENCE = 30.0
SYSTEMS: dict[str, tuple[Service, str]] = {
    "jira": (jira.SERVICE, "/rest/api/3/issue"),
    "jira_dc": (jira_dc.SERVICE, "/rest/api/2/issue"),
    "servicenow": (servicenow.SERVICE, "/api/now/table/incident"),
}
APART = multiprocessing.get_context("forkserver")
APART.set_forkserver_preload(["tests.jobs.delivering"])


@dataclass(slots=True)
class Stage:
    """One ticket system on loopback, a store with cases, and a process that delivers."""

    system: str
    world: World
    url: str
    folder: Path
    chance: random.Random

    def start(self) -> multiprocessing.process.BaseProcess:
        process = APART.Process(target=deliver_once, args=(self.folder, self.system, self.url))
        process.start()
        return process

    def deliver(self) -> float:
        """Let a delivery come to its end; return how long it took."""
        begun = time.monotonic()
        process = self.start()
        process.join(PATIENCE)
        assert process.exitcode == 0
        return time.monotonic() - begun

    def kill_at_random(self, within: float) -> bool:
        """Kill a delivery at some moment; False where it had ended before."""
        process = self.start()
        process.join(self.chance.uniform(0, within))
        return _killed(process)

    def kill_between_sent_and_stored(self) -> bool:
        """Kill a delivery when a ticket of its was made and before it could learn so."""
        path = SYSTEMS[self.system][1]
        made = self.world.creates[self.system]
        skip = self.chance.randrange(2)
        self.world.fault(self.system, "hold", method="POST", path=path, skip=skip)
        process = self.start()
        end = time.monotonic() + PATIENCE
        while process.is_alive() and self.world.creates[self.system] <= made + skip:
            assert time.monotonic() < end
            time.sleep(0.001)
        killed = _killed(process)
        self.world.clear_faults()
        return killed

    def misbehave(self) -> None:
        """Let the system lose an answer, or fail after it did what it was asked."""
        kind = self.chance.choice(("lost_answer", "late_status", "status", "truncate", "drop"))
        status, skip = self.chance.choice((500, 502, 503, 504)), self.chance.randrange(4)
        self.world.fault(self.system, kind, method="POST", status=status, skip=skip)

    def tickets(self) -> list[tuple[str, bool]]:
        """Return for each ticket the key it bears, and whether it is open."""
        with self.world.lock:
            if self.system == "servicenow":
                desk = self.world.servicenow
                return [(row["correlation_id"], desk.is_open(row)) for row in desk.all]
            site = self.world.jira if self.system == "jira" else self.world.jira_dc
            return [
                (label, issue.state.category != "done")
                for issue in site.all
                for label in issue.fields["labels"]
                if label != "offkey"
            ]

    def check(self) -> None:
        """Hold what is there against the one right end."""
        store = store_sql.connect(store_sql.Settings(), Setup("store", self.folder))
        with contextlib.closing(store):
            assert check_ledger(store, LedgerKey(self.folder / "ledger.key")).holds
            with store.transaction() as tx:
                cases, rows = tx.cases.cases(), tx.cases.deliveries(SINK)
        assert Counter(self.tickets()) == {("offkey" + held.key, True): 1 for held in cases}
        assert {row.phase for row in rows.values()} == {Phase.OPEN}
        assert rows.keys() == {held.key for held in cases}


def _killed(process: multiprocessing.process.BaseProcess) -> bool:
    running = process.is_alive()
    process.kill()
    process.join(PATIENCE)
    assert running or process.exitcode == 0
    return process.exitcode != 0


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    many_cases(folder, CASES)
    return folder


@pytest.fixture(params=sorted(SYSTEMS))
def stages(
    request: pytest.FixtureRequest, template: Path, tmp_path: Path
) -> Iterator[Iterator[Stage]]:
    """Give one stage after the other, each as if nothing had happened yet."""
    system, chance = request.param, random.Random(f"{SEED} {request.param}")  # noqa: S311  # moments, not secrets
    with contextlib.ExitStack() as held:
        yield (_set(system, template, tmp_path / str(n), chance, held) for n in range(10**6))


def _set(
    system: str, template: Path, folder: Path, chance: random.Random, held: contextlib.ExitStack
) -> Stage:
    held.close()
    shutil.copytree(template, folder)
    world = World(Plan(LOGINS, Forge("acme"), Forge("gitlab.acme.example")))
    world.jira.index_delay = world.jira_dc.index_delay = LAG
    at = held.enter_context(serving(world, (SYSTEMS[system][0],)))
    return Stage(system, world, at[system], folder, chance)


def rounds(stages: Iterator[Stage], kills: int, *, aimed: bool) -> Sequence[int]:
    """Kill so many deliveries; return after how many kills each of the rounds was right."""
    _, within = (next(stages).deliver() for _ in range(2))  # the first one loads the code
    counts: list[int] = []
    for stage in stages:
        if sum(counts) >= kills:
            break
        counts.append(0)
        for _ in range(min(IN_A_ROW, kills - sum(counts))):
            if not aimed:
                stage.misbehave()
            if not (
                stage.kill_between_sent_and_stored() if aimed else stage.kill_at_random(within)
            ):
                break
            counts[-1] += 1
        stage.deliver()
        stage.check()
    return counts


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=pytest.mark.long)])
def test_a_delivery_killed_at_any_moment_leaves_one_open_ticket_a_case(
    stages: Iterator[Stage], kills: int
) -> None:
    assert sum(rounds(stages, kills, aimed=False)) >= kills


@pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.long)])
def test_a_delivery_killed_between_sent_and_stored_leaves_one_open_ticket_a_case(
    stages: Iterator[Stage], kills: int
) -> None:
    assert sum(rounds(stages, kills, aimed=True)) >= kills
