"""Days and instants as a personnel feed writes them, and whether their order is what was declared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Where a zone is not known, a day is taken to end when it first ends anywhere (UTC+14).
EARLIEST_ZONE = "Etc/GMT-14"
# "Never" is 9999-12-31 in SAP's systems and 4712-12-31 in Oracle's.
_NEVER = 2900
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII
)


def when(text: str, form: str) -> date | datetime:
    """Return the day that `text` names as `form` (strptime) writes it, or the instant, in UTC, of
    an ISO 8601 text with its zone.

    Where `form` itself has a zone, midnight is how the feed writes a day. Raises ValueError.
    """
    try:
        parsed = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone yet
    except ValueError:
        if not _INSTANT.fullmatch(text):
            raise
        return datetime.fromisoformat(text).astimezone(UTC)
    if parsed.tzinfo is not None and parsed.time() != time.min:
        return parsed.astimezone(UTC)
    return parsed.date()


def begins(moment: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return when a day begins in `zone`, in UTC; an instant is what it is."""
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time.min, zone).astimezone(UTC)


def is_over(moment: date | datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return when a day is over in `zone`, in UTC; an instant is what it is. None for "never"."""
    if moment is None or moment.year >= _NEVER:
        return None
    if isinstance(moment, datetime):
        return moment
    return begins(moment + timedelta(days=1), zone)


def day_of(moment: date | datetime, zone: ZoneInfo) -> date:
    """Return the day on which a moment lies in `zone`."""
    return moment.astimezone(zone).date() if isinstance(moment, datetime) else moment


def reads(text: str, form: str) -> bool:
    """Say whether `text` names a moment."""
    try:
        when(text, form)
    except ValueError:
        return False
    return True


def order_doubt(cells: Sequence[str], form: str, *, trusted: bool) -> str:
    """Return why day and month may stand the other way round, empty when they may not.

    03/04/2026 reads either way: only a day above 12 shows which is meant. A form that begins with
    the year leaves no doubt; `trusted` says that somebody has compared.
    """
    other = _swapped(form)
    if not other:
        return ""
    both = [(text, reads(text, form), reads(text, other)) for text in cells]
    if any(there and not here for _, here, there in both):
        return f"some dates read as {other}, not {form}"
    proved = any(here and not there for _, here, there in both)
    differ = any(
        here and there and when(text, form) != when(text, other) for text, here, there in both
    )
    if differ and not proved and not trusted:
        return (
            f"no date in it shows that {form} is meant and not {other} "
            "(set trust_date_format once you compared)"
        )
    return ""


def _swapped(form: str) -> str:
    """Return `form` with day and month exchanged, empty where nobody would."""
    if not ("%d" in form and "%m" in form) or form.startswith("%Y"):
        return ""
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")
