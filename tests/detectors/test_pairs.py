from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.pairs import MOST, Half, joined, secrets_near
from tests.effort import grows_linearly

SECRET = re.compile(rb"(?<![0-9a-z/+])(s[0-9/+])(?![0-9a-z/+])")
WITHIN = 200


def pairs(text: str) -> dict[str, list[str]]:
    """The secrets of each id: ids are i1, i2..., secrets s1, s2..."""
    data = text.encode()
    ids = [Half(*m.span(), m[0]) for m in re.finditer(rb"i[0-9]", data)]
    own = joined(ids, secrets_near(SECRET, data, ids, WITHIN), WITHIN)
    return {
        one.value.decode(): [s.value.decode() for s in secrets]
        for one, secrets in zip(ids, own, strict=True)
    }


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("i1 s1", {"i1": ["s1"]}),
        ("s1 i1", {"i1": ["s1"]}),
        ("i1 s1 i2 s2 i3 s3", {"i1": ["s1"], "i2": ["s2"], "i3": ["s3"]}),
        ("s1 i1 s2 i2 s3 i3", {"i1": ["s1"], "i2": ["s2"], "i3": ["s3"]}),
        ("i1 i2 i3 s3", {"i1": [], "i2": [], "i3": ["s3"]}),
        ("i1 i2 s1 s2", {"i1": ["s1", "s2"], "i2": ["s1", "s2"]}),
        ("s1 s2 i1 i2", {"i1": ["s2", "s1"], "i2": ["s2", "s1"]}),
        ("i1 s1 s2 s3 s4", {"i1": ["s1", "s2", "s3"]}),
        ("i1 s1" + " " * 99 + "s2", {"i1": ["s1"]}),
        ("s2" + " " * 99 + "i1 s1", {"i1": ["s1"]}),
        ("s1 i1 s2", {"i1": ["s2", "s1"]}),
        ("i1" + " " * 201 + "s1", {"i1": []}),
        ("s1" + " " * 201 + "i1", {"i1": []}),
        ("i1", {"i1": []}),
    ],
)
def test_a_clear_neighbour_is_taken_alone_else_the_nearest_are_tried(
    text: str, want: dict[str, list[str]]
) -> None:
    assert pairs(text) == want


@pytest.mark.parametrize("written", [r"s\/", "s%2F", "s%2f", r"s\u002f", r"s\x2f"])
def test_a_secret_is_found_however_its_slashes_are_written(written: str) -> None:
    assert pairs(f"i1 {written}") == {"i1": ["s/"]}
    assert pairs(f"{written}&i1") == {"i1": ["s/"]}


def test_a_secret_that_goes_on_beyond_the_reach_is_none() -> None:
    assert pairs("i1" + " " * 198 + "s1") == {"i1": ["s1"]}
    assert pairs("i1" + " " * 198 + "s12") == {"i1": []}


@given(st.text("is12/ \n", max_size=60))
def test_no_id_has_more_than_three(text: str) -> None:
    found = pairs(text)
    assert all(len(own) <= MOST for own in found.values())


@pytest.mark.parametrize(
    "piece", ["i1 ", "s1 ", "i1 s1 ", "s1 i1 ", "i1 i2 s1 s2 ", r"\/", "i1 \\/", "%2F"]
)
def test_hostile_rows_take_linear_time(piece: str) -> None:
    assert grows_linearly(lambda count: pairs("i1 " + piece * count), 1_000, 20_000)
