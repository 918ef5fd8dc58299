"""What an evidence pack is about, and who made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from correlate.period import Period


@dataclass(frozen=True, slots=True)
class About:
    """What a pack is about, and who made it when. `head` is the line of the tree head that all of it is
    under; `keys` are the public keys (hex) that sign, the present one first; `controls` those
    that the ledger itself speaks to.
    """

    organisation: str
    version: str
    period: Period
    person: str
    made_at: datetime
    head: str
    keys: tuple[str, ...]
    mapping_version: str
    controls: tuple[str, ...]
    fewest: float

    @property
    def scope(self) -> str:
        """The scope in words."""
        return f"{self.person or 'all leavers'}, {self.period.name}"
