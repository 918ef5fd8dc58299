"""An issuer's list in memory, that shrinks, breaks off and refuses on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from correlate.errors import OffkeyError
from correlate.listed import InventoryRow, InventorySnapshot
from correlate.model import Skip


@dataclass(slots=True)
class ListTwin:
    """An `Inventory` with one list."""

    name: str = "issuer-list"
    container: str = "acme"
    rows: list[InventoryRow] = field(default_factory=list)
    whole: bool = True
    fault: OffkeyError | None = None

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Return the list as it stands."""
        if self.fault is not None:
            raise self.fault
        gaps = () if self.whole else (Skip(self.name, self.container, "", "it broke off"),)
        listed = (self.container,) if self.whole else ()
        return InventorySnapshot(self.name, now, tuple(self.rows), listed, gaps)
