"""Custom plug-ins of detect-secrets."""

from __future__ import annotations

import re
from typing import Any

import pytest
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

from detectors.packs.exact import compiled
from detectors.packs.plugins import is_plugin, read


class Fennel(RegexBasedDetector):
    secret_type = "Fennel Key"
    denylist = (
        re.compile(r"fnl_[0-9a-f]{8}"),
        re.compile(r"^ key: ([a-z]+) $", re.IGNORECASE | re.VERBOSE),
    )


class ByProperty(RegexBasedDetector):
    secret_type = "Fennel Robot"

    @property
    def denylist(self) -> list[re.Pattern[str]]:
        return [re.compile("(fnr_[0-9]{3})")]

    def verify(self, secret: str) -> Any:  # never called
        raise AssertionError(secret)


class Raises(ByProperty):
    secret_type = "Fennel Ghost"

    def __init__(self) -> None:
        raise OSError


class Odd:
    secret_type = "Fennel Odd"
    denylist = (
        "a",
        re.compile(b"a"),
        re.compile(r"(a)\1"),
        re.compile("(?<!b)a+b"),
        re.compile("fine"),
    )


def test_each_pattern_becomes_a_kind() -> None:
    made = read([Fennel], "ours", "ours.py")
    assert [kind.id for kind in made.kinds] == ["pack_ours_fennel_key"] * 2
    assert {(k.name, k.pack, k.source, k.secret_group) for k in made.kinds} == {
        ("Fennel Key", "ours", "ours.py", 0)
    }
    first, second = (compiled(kind.pattern) for kind in made.kinds)
    assert first.search(b"a fnl_0123abcd")[0] == b"fnl_0123abcd"
    assert second.search(b"a\nKEY:abc\nb")[1] == b"abc"
    assert (made.refused, made.remarks) == ((), ())


def test_patterns_may_come_from_a_property_and_own_code_is_not_used() -> None:
    made = read([ByProperty], "ours", "ours.py")
    assert [compiled(kind.pattern).search(b"fnr_123")[1] for kind in made.kinds] == [b"fnr_123"]
    assert [remark.text for remark in made.remarks] == [
        "only its patterns are used, not its own code"
    ]


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (Base64HighEntropyString, "it has no denylist of patterns, and its own code is not run"),
        (Raises, "its denylist cannot be had: OSError"),
    ],
)
def test_a_plugin_without_patterns_is_refused(plugin: type, reason: str) -> None:
    made = read([plugin], "ours", "ours.py")
    assert made.kinds == ()
    assert [item.reason for item in made.refused] == [reason]


def test_a_pattern_that_is_no_use_is_refused_by_itself() -> None:
    made = read([Odd], "ours", "ours.py")
    assert [kind.pattern for kind in made.kinds] == ["(?m:fine)"]
    strange = "its denylist holds something else than compiled patterns of text"
    assert [item.reason for item in made.refused] == [
        *(strange, strange),
        *("a back-reference", "it can take quadratic time"),
    ]


@pytest.mark.parametrize(
    ("value", "is_one"), [(Fennel, True), (Fennel(), False), (int, False), ("Fennel", False)]
)
def test_a_plugin_is_a_class_that_says_its_secret_type(value: object, is_one: bool) -> None:
    assert is_plugin(value) is is_one
