"""A delivery as a process of its own, which may be killed at any moment, and a store for it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from connectors import tickets_jira, tickets_servicenow
from correlate.model import Exposure, Identity, LivenessState, Locator
from correlate.ports import Setup, TicketSink
from correlate.secret import Fingerprint, Secret
from jobs.deliver import DeliverReport, Rules
from jobs.judge import judge_all
from jobs.nightly import deliver_to
from tests.connectors.conftest import LOGINS
from tests.correlate.cast import FP, NOW, answer
from tests.jobs.stage import KIND, KINDS, PLACE, fill, fresh_store

SINK = "tickets"
LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
SETTLE = 0.8  # seconds, well above the lag of the simulated index
RULES = Rules(1000, frozenset({"accepted risk"}), SETTLE)


def sink(system: str, url: str) -> TicketSink:
    """Return the adapter of one of the three systems, for the vendors on loopback."""
    setup = Setup(SINK, Path("/nonexistent"))
    local = ("127.0.0.1",)
    if system == "servicenow":
        password = Secret(LOGINS.servicenow_password)
        user = LOGINS.servicenow_user
        return tickets_servicenow.connect(
            tickets_servicenow.Settings(url, user, password, internal_hosts=local), setup
        )
    cloud = system == "jira"
    token = Secret(LOGINS.jira_token if cloud else LOGINS.jira_dc_token)
    settings = tickets_jira.Settings(
        url, "SEC", token, internal_hosts=local,
        email=LOGINS.jira_email if cloud else "", deployment="cloud" if cloud else "datacenter",
    )  # fmt: skip
    return tickets_jira.connect(settings, setup)


def deliver_once(folder: Path, system: str, url: str) -> None:
    """Bring the tickets in line with the cases of the store in `folder`, once."""
    store, report = fresh_store(folder), DeliverReport()
    clock = time.time()
    deliver_to(
        sink(system, url), store, KINDS, NOW, RULES, report,
        clock=lambda: datetime.fromtimestamp(time.time(), UTC),
    )  # fmt: skip
    store.close()
    assert not report.problems, (report.problems, time.time() - clock)


def many_cases(folder: Path, count: int) -> None:
    """Fill a fresh store in `folder` with as many live credentials of one leaver, and judge them."""
    store = fresh_store(folder)
    prints = [Fingerprint(FP.key_id, f"{number:064x}") for number in range(count)]
    fill(store, places=tuple(_place(number, one) for number, one in enumerate(prints)))
    with store.transaction() as tx:
        for one in prints:
            tx.scans.save_answer(one, KIND.id, LIVE)
    judge_all(store, KINDS, NOW, 0)
    store.close()


def _place(number: int, fingerprint: Fingerprint) -> Exposure:
    locator = Locator("repos", "payments", f"{number:040x}")
    return replace(PLACE, fingerprint=fingerprint, locator=locator)
