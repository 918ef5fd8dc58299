from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.instants import instant

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000+0000", "2026-03-01T13:00:00+01:00",
        "2026-03-01 12:00:00 UTC", "2026-03-01 14:00:00 +0200", "2026-03-01 12:00:00", "1772366400",
        "1772366400.0", "1772366400000", " 2026-03-01T12:00:00Z ",
    ],
)  # fmt: skip
def test_the_same_instant_in_many_spellings(text: str) -> None:
    assert instant(text) == NOON


def test_a_day_begins_at_midnight() -> None:
    assert instant("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "03/04/2026", "2026-13-01", "12", "9999999999999999"])
def test_what_is_no_instant_is_none(text: str) -> None:
    assert instant(text) is None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str) -> None:
    found = instant(text)
    assert found is None or found.tzinfo is UTC
