from __future__ import annotations

from collections.abc import Iterator

import pytest

from correlate.kind import Kind
from correlate.model import KindId
from detectors.packs.pack import Pack
from jobs.pack_check import check_pack, slowness


def kind(name: str, pattern: str) -> Kind:
    return Kind(KindId(name), "p", "r", pattern, ("fnl_",), "s", "", pack="p")


QUICK, LOOKS = kind("quick", "(fnl_[0-9a-f]{8})"), kind("looks", "(?<!x)(fnl_[0-9a-f]{8})")


def ticking(step: float) -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += step


def test_rules_are_counted_by_what_confirms_them() -> None:
    report = check_pack(Pack("p", (QUICK, LOOKS)))
    assert dict(report.confirmed_by) == {"re2": 1, "re": 1}
    assert (report.slow, report.unsearchable) == ((), ())
    assert dict(check_pack(Pack("p")).confirmed_by) == {}


def test_a_rule_that_is_slow_each_time_is_reported() -> None:
    assert slowness(QUICK, ticking(0.05).__next__) == ""
    assert slowness(QUICK, ticking(0.2).__next__) == "200 ms on 500 bytes of spaces"


def test_a_rule_that_was_slow_once_is_not() -> None:
    steps = iter([0.0, 0.5, *(0.0,) * 1000])
    assert slowness(QUICK, steps.__next__) == ""


@pytest.mark.parametrize("pattern", [r"(?<=a{1})(b){1,40}(b){1,40}(b){1,40}c"])
def test_a_pattern_that_backtracks_is_met_while_the_line_is_short(pattern: str) -> None:
    slow = kind("slow", pattern.replace("b", "a").replace("c", "b"))
    (found,) = check_pack(Pack("p", (QUICK, slow))).slow
    assert found.rule == "slow"
    assert "bytes of letters" in found.reason


def test_what_the_prefilter_refuses_is_named() -> None:
    report = check_pack(Pack("p", (QUICK, kind("odd", r"(a(?-m:$)b)"))))
    assert [item.rule for item in report.unsearchable] == ["odd"]
