"""An entry has one text, whatever order its facts are given in."""

from __future__ import annotations

from correlate.evidence import canonical, digest_of, leaf_of
from correlate.merkle import leaf_hash
from correlate.verdict import LedgerEntry
from tests.correlate.cast import NOW


def test_canonical_text_is_sorted_and_tight() -> None:
    text = canonical(LedgerEntry(NOW, "w", "s", {"b": 1, "a": "é"}))
    assert text == (
        '{"at":"2026-11-20T09:00:00+00:00","data":{"a":"é","b":1},"subject":"s","what":"w"}'
    )


def test_a_leaf_is_of_the_text_in_utf_8() -> None:
    assert leaf_of("é") == leaf_hash(b"\xc3\xa9")


def test_a_digest_is_of_the_value_and_not_of_its_order() -> None:
    assert digest_of({"b": 1, "a": (2,)}) == digest_of({"a": (2,), "b": 1})
    assert digest_of({"a": (2,)}) != digest_of({"a": (3,)})
    assert len(digest_of(())) == 32
