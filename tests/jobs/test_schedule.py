"""The timetable is UTC: no clock change skips a day or runs one twice."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler

from correlate.errors import ConfigError
from jobs.config_sections import Schedule
from jobs.schedule import GRACE_SECONDS, build, timetable, waker

JOBS = ("nightly", "poll", "recheck", "sync")


def built() -> BlockingScheduler:
    return build(timetable(Schedule("02:30")), {name: lambda: None for name in JOBS})


@pytest.mark.parametrize("around", ["2026-03-27", "2026-10-23", "2028-02-27", "2026-12-30"])
def test_the_nightly_run_fires_once_a_day_whatever_clocks_do(around: str) -> None:
    trigger = built().get_job("nightly").trigger
    at = datetime.fromisoformat(around).replace(tzinfo=UTC)
    fired = []
    last = None
    for _ in range(6):
        last = trigger.get_next_fire_time(last, at)
        fired.append(last)
        at = last + timedelta(microseconds=1)
    assert {f"{one:%H:%M%z}" for one in fired} == {"02:30+0000"}
    assert {after - before for before, after in pairwise(fired)} == {timedelta(days=1)}


def test_every_job_is_there_once_and_a_late_start_is_forgiven() -> None:
    scheduler = built()
    assert {job.id for job in scheduler.get_jobs()} == set(JOBS)
    assert str(scheduler.timezone) == "UTC"
    defaults = scheduler._job_defaults
    assert (defaults["coalesce"], defaults["max_instances"]) == (True, 1)
    assert defaults["misfire_grace_time"] == GRACE_SECONDS >= 3600
    assert dict(timetable(Schedule()).every) == {"poll": 15, "recheck": 360, "sync": 10}


@pytest.mark.parametrize(
    "text", ["", "2", "24:00", "02:60", "2:3:4", "two", "-1:00", "02.30", "²:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        timetable(Schedule(nightly=text))
    assert caught.value.where == "schedule.nightly"


def test_what_wakes_a_job_starts_it_though_it_is_under_way_and_only_after() -> None:
    begun, over, done = threading.Event(), threading.Event(), threading.Event()
    ran: list[str] = []

    def job() -> None:
        ran.append("begun")
        begun.set()
        assert over.wait(10)
        ran.append("over")
        if len(ran) == 4:
            done.set()

    scheduler = built()
    begin = waker(scheduler, job)
    running = threading.Thread(target=scheduler.start, daemon=True)
    begin(datetime.now(UTC))
    running.start()
    assert begun.wait(10)
    begin(datetime.now(UTC))
    over.set()
    assert done.wait(10)
    scheduler.shutdown()
    running.join(10)
    assert ran == ["begun", "over"] * 2


def test_polls_may_not_follow_each_other_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        timetable(Schedule(push_spacing_seconds=0))
    assert caught.value.where == "schedule.push_spacing_seconds"


@pytest.mark.parametrize("name", ["poll", "recheck", "sync"])
def test_what_is_never_is_refused(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        timetable(Schedule(**{f"{name}_minutes": 0}))  # type: ignore[arg-type]  # by name
    assert caught.value.where == f"schedule.{name}_minutes"
