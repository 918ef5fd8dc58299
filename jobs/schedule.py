"""`offkey serve`: the schedule, in UTC, in memory; the store remembers what last ran.

APScheduler 3.11 would skip a day after a clock change in a local zone, and drop a job
that starts late by more than a second: hence UTC, and a grace of hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from correlate.errors import ConfigError
from jobs.config_sections import Schedule
from jobs.log import logger

GRACE_SECONDS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Timetable:
    """When each job runs: a UTC time of day, or a number of minutes."""

    nightly: tuple[int, int]
    every: Mapping[str, int]


def timetable(schedule: Schedule) -> Timetable:
    """Return the checked timetable. Raises ConfigError naming the key."""
    hour, _, minute = schedule.nightly.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):  # noqa: PLR2004  # a clock
        raise ConfigError(
            "A setting is not a time", where="schedule.nightly", why=f"{schedule.nightly!r}",
            fix='write a UTC time like "02:00"',
        )  # fmt: skip
    every = {
        "poll": schedule.poll_minutes,
        "recheck": schedule.recheck_minutes,
        "sync": schedule.sync_minutes,
    }
    if schedule.push_spacing_seconds < 1:
        raise ConfigError(
            "A setting is out of range", where="schedule.push_spacing_seconds",
            why=f"{schedule.push_spacing_seconds} seconds", fix="write 1 or more",
        )  # fmt: skip
    for name, minutes in every.items():
        if minutes < 1:
            raise ConfigError(
                "A setting is out of range", where=f"schedule.{name}_minutes",
                why=f"{minutes} minutes", fix="write 1 or more",
            )  # fmt: skip
    return Timetable((int(hour), int(minute)), every)


def build(times: Timetable, jobs: Mapping[str, Callable[[], None]]) -> BlockingScheduler:
    """Return a scheduler with the jobs "nightly", "poll", "recheck" and "sync", not yet started.

    One job runs at a time; a tick that comes while its job still waits is folded into it.
    """
    scheduler = BlockingScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_SECONDS},
    )
    hour, minute = times.nightly
    scheduler.add_job(
        jobs["nightly"], CronTrigger(hour=hour, minute=minute, timezone=UTC), id="nightly"
    )
    for name, minutes in times.every.items():
        scheduler.add_job(jobs[name], IntervalTrigger(minutes=minutes, timezone=UTC), id=name)
    scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    return scheduler


def waker(scheduler: BlockingScheduler, job: Callable[[], None]) -> Callable[[datetime], None]:
    """Return what starts `job` at an instant, beside its own times: after whatever job is under
    way, and though it is under way itself.
    """

    def begin(at: datetime) -> None:
        scheduler.add_job(
            job,
            DateTrigger(at, timezone=UTC),
            id="woken",
            replace_existing=True,
            max_instances=2,
            misfire_grace_time=None,
        )

    return begin


def _tell(event: JobExecutionEvent) -> None:
    kind = type(event.exception).__name__ if event.exception else "missed"
    logger().error("a job failed", job=event.job_id, error=kind)
