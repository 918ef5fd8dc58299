"""The fictional company as a stage: its vendors run in process, and time moves when told to."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from correlate.model import Exposure
from correlate.ports_store import Store
from correlate.verdict import Case
from jobs import config as configuration
from jobs.cli.demo import compared
from jobs.kind_files import packaged_kinds
from jobs.nightly import Allowances, RunReport, nightly
from jobs.progress import Silent
from jobs.report_data import collect
from jobs.report_rows import CaseRow, Report
from jobs.wiring import Wiring
from sample_data.company import Company, load
from sample_data.configuration import write_configuration
from sample_data.simulators.control import state
from sample_data.simulators.run import running
from sample_data.simulators.world import World

VENDORS_STATE = ("jira", "jira_dc", "servicenow", "requests", "creates", "asked", "_tokens")


@dataclass(slots=True)
class Town:
    """A company, its vendors, and offkey set up to watch it. `now` moves a little every night."""

    company: Company
    world: World
    config: Path
    wiring: Wiring
    store: Store
    ticketing: str
    now: datetime
    kept: dict[str, object] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The folder that holds everything."""
        return self.config.parent

    def remember(self) -> None:
        """Keep everything as it is now, to begin from there again."""
        self.store.close()
        shutil.copytree(self.folder, _beside(self.folder))
        self.kept = {name: _copied(getattr(self.world, name)) for name in VENDORS_STATE}
        self.kept["now"] = self.now
        self.reset()

    def begin_again(self) -> None:
        """Put everything back to what was remembered."""
        self.store.close()
        shutil.rmtree(self.folder)
        shutil.copytree(_beside(self.folder), self.folder)
        for name in VENDORS_STATE:
            setattr(self.world, name, _copied(self.kept[name]))
        self.world.clear_faults()
        self.now = cast("datetime", self.kept["now"])
        self.reset()

    def night(self, allowed: Allowances | None = None, *, minutes: int = 2) -> RunReport:
        """Run the main job, then let some minutes pass."""
        report = nightly(self.wiring, self.store, self.now, allowed or Allowances(), Silent())
        self.now += timedelta(minutes=minutes)
        return report

    def days_later(self, days: int) -> RunReport:
        """Let days pass, then run the main job."""
        self.now += timedelta(days=days)
        return self.night()

    def reset(self) -> None:
        """Read the configuration and open the store again, as the next process would."""
        self.store.close()
        self.wiring = Wiring(configuration.load(self.config, {}), packaged_kinds())
        self.store = self.wiring.store()

    def reconfigure(self, before: str, after: str) -> None:
        """Change the configuration file and read it again."""
        text = self.config.read_text(encoding="utf-8")
        if before not in text:
            raise AssertionError(f"the configuration does not say {before!r}")
        self.config.write_text(text.replace(before, after), encoding="utf-8")
        self.reset()

    def report(self) -> Report:
        """Return what a report made now would tell."""
        kinds = {kind.id: kind for kind in self.wiring.kinds}
        sinks = [item.name for item in self.wiring.config.of("tickets")]
        return collect(self.store, kinds, "the company", sinks, self.now)

    def differences(self) -> list[str]:
        """Return how the cases differ from the answer key."""
        return compared(self.report(), self.company.expected)

    def row(self, path: str) -> CaseRow:
        """Return the one case of the credential that stands at `path`."""
        (found,) = [row for row in self.report().cases if path in row.paths]
        return found

    def cases(self) -> dict[str, Case]:
        """Return every case by its key."""
        with self.store.transaction() as tx:
            return {held.key: held for held in tx.cases.cases()}

    def case_at(self, path: str) -> Case:
        """Return the one case of the credential that stands at `path`."""
        return self.cases()[self.row(path).key]

    def exposures(self) -> list[Exposure]:
        """Return every place that is known."""
        with self.store.transaction() as tx:
            return tx.scans.exposures()

    def ledger(self) -> list[str]:
        """Return the text of every entry of the ledger."""
        with self.store.transaction() as tx:
            return list(tx.runs.ledger())

    @property
    def creates(self) -> int:
        """How many tickets were ever made in the ticket system."""
        return self.world.creates[self.ticketing]

    def tickets(self, path: str = "") -> list[dict[str, object]]:
        """Return all tickets, or those of the case of the credential that stands at `path`."""
        made = [row for row in state(self.world)["tickets"] if row["system"] == self.ticketing]
        if not path:
            return made
        numbers = self.row(path).tickets
        return [row for row in made if row["key"] in numbers]

    def open_tickets(self) -> int:
        """Return how many tickets are open."""
        return sum(1 for row in self.tickets() if row["open"])

    def said(self, ticket: object) -> str:
        """Return all comments of a ticket as one text."""
        if self.ticketing == "servicenow":
            row = next(row for row in self.world.servicenow.all if row["number"] == ticket)
            journal = self.world.servicenow.journal
            return "\n".join(entry.value for entry in journal if entry.record == row["sys_id"])
        site = self.world.jira if self.ticketing == "jira" else self.world.jira_dc
        issue = site.find(str(ticket))
        said = [str(comment.body) for comment in issue.comments] if issue else []
        return "\n".join(said).replace("\\", "")


def _beside(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}-remembered")


def _copied(held: Any) -> Any:
    """Copy what vendors remember: their records are immutable, what holds these is not."""
    made = copy.copy(held)
    for name in ("_versions", "_rows", "_journal", "_users"):
        if hasattr(made, name):
            setattr(made, name, _thawed(getattr(made, name)))
    return made


def _thawed(held: Any) -> Any:
    if isinstance(held, dict):
        return {key: list(kept) if isinstance(kept, list) else kept for key, kept in held.items()}
    return list(held)


def copied(built: Company, folder: Path) -> Company:
    """Return a company of one's own, to be changed at will."""
    shutil.copytree(built.folder, folder)
    return replace(load(folder), now=built.now)


@contextmanager
def staged(built: Company, folder: Path, ticketing: str = "jira") -> Iterator[Town]:
    """Set the company up below `folder`, with nothing found yet."""
    company = copied(built, folder / "company")
    world = company.world()
    with running(world) as endpoints:
        config = write_configuration(company, endpoints.urls, folder, ticketing)
        wiring = Wiring(configuration.load(config, {}), packaged_kinds())
        store = wiring.store()
        store.prepare()
        yield Town(company, world, config, wiring, store, ticketing, company.now)
        store.close()
