from __future__ import annotations

from detectors.prefilter import Prefilter


def test_each_pattern_that_may_match_is_told_once() -> None:
    prefilter = Prefilter(["(abc[0-9]{3})", "(?i)(xyz)", "(q{10,5000})"])
    assert sorted(prefilter.hits(b"abc123 abc124 XYZ xyz")) == [0, 1]
    assert prefilter.hits(b"nothing") == []
    assert prefilter.hits(b"q" * 12) == [2]


def test_a_stored_database_serves_and_a_broken_one_is_compiled_anew() -> None:
    patterns = ["(abc[0-9]{3})"]
    stored = Prefilter(patterns).serialised()
    assert Prefilter([], stored).hits(b"abc123") == [0]
    assert Prefilter(patterns, b"junk").hits(b"abc123") == [0]
