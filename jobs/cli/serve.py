"""`offkey serve`: stay up and do everything on time."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from types import FrameType

import click
import structlog

from correlate.errors import OffkeyError, Unavailable
from correlate.ports_store import Store
from jobs.cli.context import App
from jobs.cli.push import door
from jobs.duties import poll_leavers, poll_woken, recheck, sync_tickets
from jobs.nightly import Allowances, nightly
from jobs.progress import Progress, Silent
from jobs.schedule import build, timetable, waker
from jobs.wake import Bell
from jobs.wiring import Wiring

Duty = Callable[[Wiring, Store, datetime, Progress], object]
Waker = Callable[[Callable[[], None]], Callable[[datetime], None]]


@click.command()
@click.option(
    "--listen",
    default="",
    metavar="[IP:]PORT",
    help="Take the signed events of [[push]] there, without TLS; loopback if only a port is given.",
)
@click.pass_obj
def serve(app: App, listen: str) -> None:
    """Run nightly, poll for new leavers, re-check open cases and keep tickets in line.

    A signed event that is pushed makes the next poll begin at once, and does nothing else.
    Stops on SIGTERM or Ctrl-C after the job under way; a job cut short is taken up at the
    next start.
    """
    wiring = app.wiring()
    times = timetable(wiring.config.schedule)
    duties: dict[str, Duty] = {
        "nightly": _full, "poll": poll_leavers, "recheck": recheck, "sync": sync_tickets,
    }  # fmt: skip
    serving = door(app, wiring.config, listen)
    with app.opened(wiring) as store:
        scheduler = build(
            times, {name: _job(name, duty, wiring, store) for name, duty in duties.items()}
        )

        def stop(_number: int, _frame: FrameType | None) -> None:
            scheduler.shutdown(wait=False)

        signal.signal(signal.SIGTERM, stop)
        app.say(f"serving: nightly at {wiring.config.schedule.nightly} UTC; stop with Ctrl-C")
        with serving(_bell(partial(waker, scheduler), wiring, store).ring):
            scheduler.start()


def _full(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> object:
    return nightly(wiring, store, now, Allowances(), progress).run.outcome


def _bell(wakes: Waker, wiring: Wiring, store: Store) -> Bell:
    """Return the bell that wakes a poll. While another run has the organisation, it rings again."""

    def poll(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> object:
        return poll_woken(wiring, store, now, progress, bell.answer())

    def again(error: OffkeyError) -> None:
        if isinstance(error, Unavailable):
            bell.ring()

    spacing = timedelta(seconds=wiring.config.schedule.push_spacing_seconds)
    bell = Bell(wakes(_job("push", poll, wiring, store, again)), spacing)
    return bell


def _job(
    name: str,
    duty: Duty,
    wiring: Wiring,
    store: Store,
    failed: Callable[[OffkeyError], None] = lambda _: None,
) -> Callable[[], None]:
    log = structlog.get_logger("offkey")

    def work() -> None:
        try:
            log.info(
                "job ended", job=name, result=str(duty(wiring, store, datetime.now(UTC), Silent()))
            )
        except OffkeyError as error:
            log.error("job failed", job=name, what=error.what, where=error.where, why=error.why)
            failed(error)

    return work
