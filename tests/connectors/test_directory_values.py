from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.directory_values import filetime, generalized


@pytest.mark.parametrize(
    ("ticks", "at"),
    [
        (0, None),
        (2**63 - 1, None),
        (None, None),
        (-1, None),
        (133_801_632_000_000_000, datetime(2025, 1, 1, tzinfo=UTC)),
        (2**63 - 2, None),
    ],
)
def test_both_spellings_of_never_are_never(ticks: int | None, at: datetime | None) -> None:
    assert filetime(ticks) == at


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("20260301120000Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301120000.123Z", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("20260301120000+0200", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("000001010000Z", None),
        ("20261301120000Z", None),
        ("", None),
    ],
)
def test_generalized_time(text: str, at: datetime | None) -> None:
    assert generalized(text) == at
