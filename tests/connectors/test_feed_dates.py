from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.feed_dates import begins, day_of, is_over, order_doubt, reads, when

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "form", "wanted"),
    [
        ("2026-03-31", "%Y-%m-%d", date(2026, 3, 31)),
        ("31.03.2026", "%d.%m.%Y", date(2026, 3, 31)),
        ("2026-03-31T16:00:00+02:00", "%Y-%m-%d", datetime(2026, 3, 31, 14, tzinfo=UTC)),
        ("2026-03-31 16:00:00.5Z", "%d.%m.%Y", datetime(2026, 3, 31, 16, 0, 0, 500_000, UTC)),
        ("2026-03-31T00:00:00Z", "%Y-%m-%d", datetime(2026, 3, 31, tzinfo=UTC)),
        ("2026-03-31T00:00:00Z", "%Y-%m-%dT%H:%M:%SZ", date(2026, 3, 31)),
        ("2026-03-31-07:00", "%Y-%m-%d%z", date(2026, 3, 31)),
        ("2026-03-31T16:00:00-0700", "%Y-%m-%dT%H:%M:%S%z", datetime(2026, 3, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_text_is_a_day_or_an_instant(text: str, form: str, wanted: date) -> None:
    assert when(text, form) == wanted
    assert type(when(text, form)) is type(wanted)


@pytest.mark.parametrize(
    "text",
    ["", "2026-04-31", "46000", "31/03/2026", "2026-03-31T16:00:00", "tomorrow", "2026-03-31\u200b",
     "2026-13-01T00:00:00Z", "२०२६-०३-३१T00:00:00Z"],
)  # fmt: skip
def test_what_is_neither_is_no_moment(text: str) -> None:
    assert not reads(text, "%Y-%m-%d")


def test_a_day_begins_and_is_over_where_the_worker_is() -> None:
    day = date(2026, 3, 28)  # summer time begins that night
    assert begins(day, BERLIN) == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert is_over(date(2026, 3, 29), BERLIN) == datetime(2026, 3, 29, 22, tzinfo=UTC)
    at = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    assert (begins(at, BERLIN), is_over(at, BERLIN)) == (at, at)
    assert day_of(at, BERLIN) == date(2026, 3, 29)
    assert (begins(None, BERLIN), is_over(None, BERLIN)) == (None, None)


@pytest.mark.parametrize("never", [date(9999, 12, 31), date(4712, 12, 31), date(2999, 1, 1)])
def test_never_is_no_end(never: date) -> None:
    assert is_over(never, BERLIN) is None


@given(day=st.dates(date(1970, 1, 2), date(2800, 1, 1)), zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/New_York"]))  # fmt: skip
def test_a_day_is_over_when_the_next_begins(day: date, zone: str) -> None:
    info = ZoneInfo(zone)
    assert is_over(day, info) == begins(day + timedelta(days=1), info)


US, EU = "%m/%d/%Y", "%d/%m/%Y"


@pytest.mark.parametrize(
    ("cells", "form", "doubted"),
    [
        (["2026-03-04"], "%Y-%m-%d", False),
        (["03/04/2026", "13/04/2026"], EU, False),  # 13 is no month
        (["03/04/2026", "04/13/2026"], EU, True),
        (["03/04/2026", "13/04/2026", "04/13/2026"], EU, True),
        (["03/04/2026"], EU, True),
        (["03/04/2026"], US, True),
        (["03/03/2026"], US, False),  # the same either way
        ([], US, False),
        (["2026-03-31T16:00:00Z"], US, False),
    ],
)
def test_the_order_of_day_and_month_is_proved_or_doubted(
    cells: list[str], form: str, doubted: bool
) -> None:
    assert bool(order_doubt(cells, form, trusted=False)) is doubted


def test_a_comparison_by_somebody_is_taken_and_proof_to_the_contrary_still_counts() -> None:
    assert not order_doubt(["03/04/2026"], EU, trusted=True)
    assert order_doubt(["04/13/2026"], EU, trusted=True)
