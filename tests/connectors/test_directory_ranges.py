from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.directory_ranges import whole
from connectors.directory_values import Raw


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=30), st.integers(1, 7))
def test_whatever_the_size_of_a_range_all_values_come_in_order(
    values: list[bytes], size: int
) -> None:
    def part(start: int) -> Raw:
        end = start + size
        last = "*" if end >= len(values) else str(end - 1)
        return {f"m;range={start}-{last}": tuple(values[start:end])}

    def more(attribute: str) -> Raw:
        return part(int(attribute.removeprefix("m;range=").removesuffix("-*")))

    held = whole({**part(0), "cn": (b"x",)}, more)
    assert held == {"m": tuple(values), "cn": (b"x",)}


def test_attributes_without_ranges_stay_and_nothing_is_asked() -> None:
    raw: Raw = {"cn": (b"x",), "userCertificate;binary": (b"y",)}
    assert whole(raw, lambda _: pytest.fail("asked")) is raw


FIRST: Raw = {"m;range=0-1": (b"a", b"b")}


@pytest.mark.parametrize(
    ("raw", "then"),
    [
        (FIRST, {}),  # it was not answered
        (FIRST, {"m": (b"c",)}),  # nor in ranges
        (FIRST, {"other;range=2-*": (b"c",)}),
        (FIRST, {"m;range=0-*": (b"a", b"b", b"c")}),  # from the beginning again
        (FIRST, {"m;range=3-*": (b"c",)}),  # one is left out
        (FIRST, {"m;range=2-4": (b"c",)}),  # fewer than it says
        (FIRST, {"m;range=2-1": ()}),  # it goes backwards
        ({"m;range=0-1": (b"a",)}, {"m;range=2-*": (b"c",)}),
        ({"m;range=5-*": (b"a",)}, {}),  # the first came last
    ],
)
def test_a_range_that_does_not_go_on_is_an_error(raw: Raw, then: Raw) -> None:
    with pytest.raises(ValueError, match="not read to its end"):
        whole(raw, lambda _: then)


def test_ranges_without_end_are_an_error() -> None:
    def more(attribute: str) -> Raw:
        start = int(attribute.removeprefix("m;range=").removesuffix("-*"))
        return {f"m;range={start}-{start}": (b"x",)}

    with pytest.raises(ValueError, match="do not end"):
        whole({"m;range=0-0": (b"x",)}, more)
