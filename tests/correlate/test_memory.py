"""Nobody is forgotten because a feed stopped listing them, and nobody is remembered twice."""

from __future__ import annotations

from dataclasses import replace

from correlate.memory import memory_of, remembered
from correlate.model import PeopleSnapshot, Truth
from tests.correlate.cast import account, snapshot, worker

JO, KIM = worker("1", "jo@x.example", end="2026-06-30"), worker("2", "kim@x.example")


def ids(memory: PeopleSnapshot) -> list[str]:
    return [one.worker_id for one in memory.workers] + [one.login for one in memory.accounts]


def test_who_is_gone_is_carried_on_until_listed_again() -> None:
    first = remembered(None, snapshot(JO, KIM), snapshot(KIM))
    assert (first.feed, ids(first)) == (memory_of("hr"), ["1"])
    second = remembered(first, snapshot(KIM), snapshot(KIM))
    assert second.workers == (JO,)
    assert ids(remembered(second, snapshot(KIM), snapshot(JO, KIM))) == []


def test_what_is_only_remembered_has_no_rank() -> None:
    assert remembered(None, snapshot(replace(JO, rank=0)), snapshot()).workers == (JO,)


def test_a_corrected_start_leaves_no_second_spell() -> None:
    corrected = replace(KIM, spell="2020-01-06")
    assert ids(remembered(None, snapshot(KIM), snapshot(corrected))) == []


def test_an_account_is_carried_without_being_called_enabled() -> None:
    gone = account("ext", expires="2026-05-31")
    memory = remembered(None, snapshot(accounts=(gone,)), snapshot())
    assert memory.accounts == (replace(gone, enabled=Truth.UNKNOWN),)


def test_a_login_that_was_given_away_is_not_carried() -> None:
    former = account("sam")
    latter = replace(former, account_id="id-other")
    assert ids(remembered(None, snapshot(accounts=(former,)), snapshot(accounts=(latter,)))) == []
