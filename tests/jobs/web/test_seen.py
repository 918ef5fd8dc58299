from __future__ import annotations

from datetime import timedelta

from jobs.web.seen import KEPT_FOR, Seen
from tests.jobs.web.signing import NOW


def test_an_id_is_new_once_a_day_and_for_each_sender() -> None:
    seen = Seen()
    assert seen.first("a", "1", NOW)
    assert not seen.first("a", "1", NOW + KEPT_FOR - timedelta(seconds=1))
    assert seen.first("b", "1", NOW)
    assert seen.first("a", "2", NOW)
    assert seen.first("a", "1", NOW + KEPT_FOR)


def test_no_id_is_always_new() -> None:
    seen = Seen()
    assert seen.first("a", "", NOW)
    assert seen.first("a", "", NOW)


def test_memory_is_bounded_and_one_sender_does_not_push_out_another() -> None:
    seen = Seen()
    seen.first("quiet", "1", NOW)
    for number in range(10_001):
        seen.first("loud", str(number), NOW)
    assert len(seen._ids) == 10_001
    assert not seen.first("quiet", "1", NOW)
    assert seen.first("loud", "0", NOW)  # the oldest was forgotten
    assert not seen.first("loud", "10000", NOW)
