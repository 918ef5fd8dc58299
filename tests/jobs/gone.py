"""Somebody who left, whose one case was closed, and whom their feed lists no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from connectors.store_sql import SqlStore
from correlate.model import LivenessState, PersonId, Reader, Truth, Worker
from correlate.verdict import Correction
from jobs.corrections import correct
from jobs.judge import judge_all
from jobs.people import read_people
from jobs.report_data import collect
from tests.correlate.cast import FP, NOW, account, answer, author, exposure, mail, worker
from tests.jobs.stage import COLLEAGUE, KIND, KINDS, fresh_store
from tests.twins.people import PeopleTwin

MAIL, DPO = "zita.quist@x.example", "dpo@x.example"
ZITA = replace(worker("700417", MAIL, login="zquist", end="2026-06-30"), name="Zita Quist")
HERS = account("zitaq", MAIL, worker_id="700417", enabled=Truth.NO)
WORDS = ("Zita Quist", MAIL, "700417", "zquist", "zitaq")
PLACE = exposure(replace(author(MAIL, "2025-02-01"), name="Zita Quist"))


def read(store: SqlStore, *workers: Worker, feed: str = "hr") -> None:
    accounts = (HERS,) if ZITA in workers else ()
    twin = PeopleTwin(feed, (*workers, COLLEAGUE), accounts)
    assert read_people([twin], store, NOW, 50).problems == ()


def ask(store: SqlStore, state: LivenessState, minutes: int) -> None:
    at = NOW + timedelta(minutes=minutes)
    with store.transaction() as tx:
        tx.scans.save_answer(FP, KIND.id, answer(state, mail(MAIL), at=at))
    judge_all(store, KINDS, at, 0)


def scene(folder: Path) -> SqlStore:
    """Return the store of that company."""
    made = fresh_store(folder)
    read(made, ZITA)
    correct(made, Correction(mail("z@home.example"), PersonId("700417"), True, None, None, DPO, "told", NOW))  # noqa: FBT003  # fmt: skip
    with made.transaction() as tx:
        tx.scans.save_exposures([PLACE], NOW)
        tx.access.save_readers(("repos", "payments"), [Reader(mail(MAIL), "a member")], NOW)
    for state, minutes in ((LivenessState.LIVE, 0), (LivenessState.DEAD, 20), (LivenessState.DEAD, 40)):  # fmt: skip
        ask(made, state, minutes)
    read(made)
    return made


def seen(store: SqlStore, folder: Path) -> set[str]:
    """Return which of their words stand in any file of the state folder, or in a report."""
    report = repr(collect(store, KINDS, "x", (), NOW))
    data = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {word for word in WORDS if word.encode() in data or word in report}
