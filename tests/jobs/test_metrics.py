"""The figures are those of the report, whatever way they are made, and tell of nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.errors import Unavailable
from correlate.metrics import Metrics
from correlate.model import Coverage, CoverageState, Identity, LivenessState
from correlate.sla import PRESETS
from correlate.stored import RunRecord
from jobs.judge import judge_all
from jobs.metrics import measure, publish
from jobs.nightly import metrics_step
from jobs.outcome import Exit
from jobs.report_data import collect
from jobs.sensitive import set_embargo
from tests.correlate.cast import NOW, answer, author, exposure
from tests.jobs.stage import KINDS, LEAVER, fill, fresh_store, ledger
from tests.jobs.town import Town

DIES = ("dana-github-classic", "ravi-openai", "oskar-aws-key")
LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))
DEAD = replace(LIVE, state=LivenessState.DEAD)
LEFT_AT = LEAVER.ends_at or NOW
SPAN = (NOW - LEFT_AT) / timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


def measured(store: SqlStore, hours: float = 0) -> Metrics:
    return measure(store, KINDS, NOW + hours * HOUR, PRESETS["fedramp-high"])


def night(store: SqlStore, hours: float = 0) -> None:
    judge_all(store, KINDS, NOW + hours * HOUR, 0)


def test_a_live_credential_counts_until_it_is_rejected(store: SqlStore) -> None:
    fill(store, (LIVE,))
    night(store)
    made = measured(store)
    assert (made.leavers, made.shares.still_live, made.shares.unknown) == (1, 1.0, 0)
    assert made.rejection.median.day is None
    assert made.deadlines["missed"] == made.open_cases["F1"] == 1
    fill(store, (replace(DEAD, at=NOW + HOUR),))
    night(store, 1)
    made = measured(store, 2)
    assert made.shares.still_live == 0.0
    assert made.exposed.at_least == pytest.approx(SPAN)
    assert made.rejection.median.day == made.exposed.at_most == pytest.approx(SPAN + 1 / 24)


@pytest.mark.parametrize(
    ("answers", "counts"),
    [
        ((), (0, 0, 1)),
        ((DEAD,), (0, 1, 0)),  # no case was ever made of it
        ((replace(LIVE, state=LivenessState.UNKNOWN),), (0, 0, 1)),
        ((LIVE,), (1, 0, 0)),
        ((LIVE, replace(LIVE, state=LivenessState.UNKNOWN, at=NOW + HOUR)), (1, 0, 0)),
    ],
)
def test_each_is_in_one_state_as_in_the_report(
    store: SqlStore, answers: tuple[object, ...], counts: tuple[int, ...]
) -> None:
    fill(store, answers)  # type: ignore[arg-type]
    night(store)
    held = measured(store, 1).shares
    assert (held.live, held.dead, held.unknown) == counts
    report = collect(store, KINDS, "Ours", [], NOW + HOUR)
    assert report.metrics.shares == held
    states = [line.state for line in report.lifelines]
    assert tuple(states.count(name) for name in ("live", "dead", "unknown")) == counts


def test_what_somebody_put_somewhere_is_theirs_where_it_has_no_owner(store: SqlStore) -> None:
    unowned = replace(LIVE, identities=())
    fill(store, (unowned,), places=(exposure(author("jane@x.example", "2025-02-01")),))
    night(store)
    assert measured(store).open_cases["F2"] == 1
    assert measured(store).shares.live == 1


def alike(town: Town) -> Metrics:
    """Return the figures of a company, which are the same by command and in the report."""
    kinds = {kind.id: kind for kind in town.wiring.kinds}
    report = town.report()
    assert measure(town.store, kinds, town.now) == report.metrics
    states = [line.state for line in report.lifelines]
    held = report.metrics.shares
    assert (held.live, held.dead, held.unknown) == tuple(
        states.count(name) for name in ("live", "dead", "unknown")
    )
    return report.metrics


@pytest.mark.long
def test_a_company_is_counted_alike_while_its_credentials_die(town: Town) -> None:
    before = alike(town)
    for label in DIES:
        town.world.revoke(label)
    for _ in range(2):
        town.days_later(1)
        after = alike(town)
        assert after.shares.dead > before.shares.dead
        assert after.shares.live + after.shares.dead == before.shares.live + before.shares.dead
        assert len(after.rejection.steps) > len(before.rejection.steps)


def test_under_embargo_a_leave_counts_nowhere_until_it_ends(store: SqlStore) -> None:
    fill(store, (LIVE,))
    set_embargo(store, "1", NOW + HOUR, "counsel@x.example", "not told", NOW)
    night(store)
    made = measured(store, 0.99)
    assert (made.leavers, made.shares.live, made.exposed.at_most) == (0, 0, 0)
    assert sum(made.deadlines.values()) == 0
    assert measured(store, 1).leavers == measured(store, 1).shares.live == 1


def test_coverage_is_that_of_the_run_under_way(store: SqlStore) -> None:
    run = RunRecord("r", "nightly", NOW)
    parts = [Coverage("s", "c", CoverageState.FAILED)]
    made = measure(store, KINDS, NOW, under_way=run, coverage=parts)
    assert (made.run_started_at, made.covered.share) == (NOW, 0.0)
    assert measured(store).run_started_at is None


def test_a_file_is_written_after_the_ledger_says_so(store: SqlStore, tmp_path: Path) -> None:
    target = tmp_path / "offkey.prom"
    publish(store, measured(store), target)
    assert "metrics prometheus" in ledger(store)[-1]
    assert target.read_text(encoding="utf-8").startswith("# HELP offkey_")
    with pytest.raises(Unavailable):
        publish(store, measured(store), tmp_path / "nowhere" / "offkey.prom")


def test_a_night_leaves_the_file_and_tells_where_it_cannot(town: Town) -> None:
    town.reconfigure("[policy]", '[metrics]\nprometheus_file = "offkey.prom"\n\n[policy]')
    assert town.night().exit is Exit.FINDINGS
    text = (town.folder / "offkey.prom").read_text(encoding="utf-8")
    assert 'offkey_coverage_parts{state="failed"} 0.0' in text
    held = alike(town).shares
    assert f'offkey_leaver_credentials{{state="live"}} {held.live}.0' in text
    assert held.live > held.dead > 0
    town.reconfigure('"offkey.prom"', '"nowhere/offkey.prom"')
    run = RunRecord("r", "nightly", town.now)
    kinds = {kind.id: kind for kind in town.wiring.kinds}
    (problem,) = metrics_step(town.wiring, town.store, kinds, run, ())
    assert (problem.step, problem.exit) == ("metrics", Exit.UNAVAILABLE)


def test_without_a_file_nothing_is_measured_at_night(town: Town) -> None:
    run = RunRecord("r", "nightly", town.now)
    assert metrics_step(town.wiring, town.store, {}, run, ()) == []
