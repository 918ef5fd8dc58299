from __future__ import annotations

from detectors.prefilter import Prefilter


def test_each_pattern_that_may_match_is_told_once() -> None:
    prefilter = Prefilter(["(abc[0-9]{3})", "(?i)(xyz)", "(q{10,5000})"])
    assert prefilter.hits(b"abc123 abc124 XYZ xyz") == {0: [6], 1: [17]}
    assert prefilter.hits(b"nothing") == {}
    assert prefilter.hits(b"q" * 12) == {2: [10]}


def test_some_patterns_are_told_wherever_they_may_end() -> None:
    prefilter = Prefilter(["(abc[0-9]{3})", "(abc[0-9]{3})"], {1})
    assert prefilter.hits(b"abc123 abc124") == {0: [6], 1: [6, 13]}


def test_a_stored_database_serves_and_a_broken_one_is_compiled_anew() -> None:
    patterns = ["(abc[0-9]{3})"]
    stored = Prefilter(patterns).serialised()
    assert Prefilter([], (), stored).hits(b"abc123") == {0: [6]}
    assert Prefilter(patterns, (), b"junk").hits(b"abc123") == {0: [6]}
