"""`offkey serve`: stay up and do everything on time."""

from __future__ import annotations

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

import click
import structlog

from correlate.errors import OffkeyError
from correlate.ports_store import Store
from jobs.cli.context import App
from jobs.duties import poll_leavers, recheck, sync_tickets
from jobs.nightly import Allowances, nightly
from jobs.progress import Progress, Silent
from jobs.schedule import build, timetable
from jobs.wiring import Wiring

Duty = Callable[[Wiring, Store, datetime, Progress], object]


@click.command()
@click.pass_obj
def serve(app: App) -> None:
    """Run nightly, poll for new leavers, re-check open cases and keep tickets in line.

    Stops on SIGTERM or Ctrl-C after the job under way; a job cut short is taken up at the
    next start.
    """
    wiring = app.wiring()
    times = timetable(wiring.config.schedule)

    def full(wiring: Wiring, store: Store, now: datetime, progress: Progress) -> object:
        return nightly(wiring, store, now, Allowances(), progress).run.outcome

    duties: dict[str, Duty] = {
        "nightly": full, "poll": poll_leavers, "recheck": recheck, "sync": sync_tickets,
    }  # fmt: skip
    with app.opened(wiring) as store:
        scheduler = build(
            times, {name: _job(name, duty, wiring, store) for name, duty in duties.items()}
        )

        def stop(_number: int, _frame: FrameType | None) -> None:
            scheduler.shutdown(wait=False)

        signal.signal(signal.SIGTERM, stop)
        app.say(f"serving: nightly at {wiring.config.schedule.nightly} UTC; stop with Ctrl-C")
        scheduler.start()


def _job(name: str, duty: Duty, wiring: Wiring, store: Store) -> Callable[[], None]:
    log = structlog.get_logger("offkey")

    def work() -> None:
        try:
            log.info(
                "job ended", job=name, result=str(duty(wiring, store, datetime.now(UTC), Silent()))
            )
        except OffkeyError as error:
            log.error("job failed", job=name, what=error.what, where=error.where, why=error.why)

    return work
