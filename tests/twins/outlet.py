"""An outlet in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from correlate.errors import AuthError
from correlate.notice import Notice, Outcome, Receipt


@dataclass(slots=True)
class OutletTwin:
    """Answers each notice with `outcome`; `crashes` ends the process's turn after it was sent."""

    name: str = "channel"
    outcome: Outcome = Outcome.TAKEN
    crashes: bool = False
    refused_login: bool = False
    sent: list[Notice] = field(default_factory=list)

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        if self.refused_login:
            raise AuthError("refused", where=self.name, why="401", fix="look")
        self.sent += notices
        if self.crashes:
            raise KeyboardInterrupt
        return [Receipt(one.id, self.outcome, "why") for one in notices]
