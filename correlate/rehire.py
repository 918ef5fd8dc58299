"""Who came back: an issuer may honour a token again once its owner's account is enabled again."""

from __future__ import annotations

from datetime import datetime

from correlate.verdict import Person


def came_back(person: Person, since: datetime, now: datetime) -> bool:
    """Whether a further employment spell of the person began after `since` and by `now`."""
    starts = (spell.starts_at for spell in person.spells[1:])
    return any(start is not None and since < start <= now for start in starts)
