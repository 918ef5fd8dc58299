"""Of a made-up company, what is held against leavers is true, and nothing is held against others."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors import store_sql
from connectors.store_sql import SqlStore
from correlate.ports import Setup
from jobs.judge import judge_all
from jobs.people import everybody
from jobs.report_data import collect
from sample_data.corporation import NOW, Corporation, build
from sample_data.corporation_secrets import KIND, Planted, keep, plant, register
from sample_data.corporation_truth import Score, score

KINDS = {KIND.id: KIND}
PEOPLE, CREDENTIALS, PLACES = 1500, 1500, 4000


def filled(folder: Path, company: Corporation, planted: list[Planted]) -> SqlStore:
    store = store_sql.connect(store_sql.Settings(), Setup("store", folder))
    store.prepare()
    with store.transaction() as tx:
        register(company, tx)
        keep(planted, tx)
    return store


def scored(folder: Path, seed: int) -> Score:
    company = build(seed, PEOPLE)
    planted = list(plant(company, seed, CREDENTIALS, PLACES))
    store = filled(folder, company, planted)
    judge_all(store, KINDS, NOW, 0)
    listed = {row.fingerprint for row in collect(store, KINDS, "Ours", [], NOW).unattributed}
    with store.transaction() as tx:
        people, cases = everybody(tx, NOW).people, tx.cases.cases()
    store.close()
    return score(company, planted, people, cases, listed)


def check(found: Score) -> None:
    assert found.owned > 50, found
    assert found.precision >= 0.99, found
    assert found.recall >= 0.95, found
    assert (found.living, found.unlisted) == (0, 0), found


@pytest.mark.parametrize("seed", range(2))
def test_who_is_said_to_own_what_does(tmp_path: Path, seed: int) -> None:
    check(scored(tmp_path, seed))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 130))
def test_who_is_said_to_own_what_does_in_many_companies(tmp_path: Path, seed: int) -> None:
    check(scored(tmp_path, seed))


def test_the_same_seed_makes_the_same_company() -> None:
    first, second, other = build(1, 50), build(1, 50), build(2, 50)
    assert first == second != other
    assert list(plant(first, 5, 9, 20)) == list(plant(second, 5, 9, 20))
