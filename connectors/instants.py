"""Reading the dates that vendors write, into aware UTC instants."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_SECONDS = re.compile(r"\d{9,10}(\.\d+)?")
_MILLIS = re.compile(r"\d{12,13}")
_ZONE_WORD = re.compile(r"\s+(UTC|GMT)$")  # GitHub's expiry header: "2026-03-01 12:00:00 UTC"
_OFFSET_GAP = re.compile(r"\s+([+-]\d\d:?\d\d)$")  # and its other form, "... +0200"


def instant(text: str) -> datetime | None:
    """Return the instant that `text` names, None where it names none.

    Takes ISO 8601 with or without zone (then UTC), a day (its first moment in UTC), Unix
    seconds and milliseconds. Never guesses the order of day and month.
    """
    text = text.strip()
    try:
        if _SECONDS.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        if _MILLIS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        parsed = datetime.fromisoformat(_OFFSET_GAP.sub(r"\1", _ZONE_WORD.sub("+00:00", text)))
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
