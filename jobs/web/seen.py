"""Which deliveries came before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=24)
_MOST = 10_000


@dataclass(slots=True)
class Seen:
    """Remembers ids for a day, and no more than ten thousand of a sender: longer than any of its
    events is good for, or else the oldest are forgotten.
    """

    _ids: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def first(self, sender: str, number: str, at: datetime) -> bool:
        """Say whether the sender's id is new, and remember it. An empty id is always new."""
        if not number:
            return True
        if (sender, number) in self._ids and at - self._ids[sender, number] < KEPT_FOR:
            return False
        self._ids.pop((sender, number), None)
        self._ids[sender, number] = at
        own = [one for one in self._ids if one[0] == sender] if len(self._ids) > _MOST else []
        for one in own[: max(0, len(own) - _MOST)]:
            del self._ids[one]
        return True
