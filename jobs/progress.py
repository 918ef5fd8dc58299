"""How a step tells how far it is. The command line draws it; elsewhere nobody looks."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told by a step of its stages: a name, how much there is (None: not known), how much is done."""

    def stage(self, name: str, total: int | None = None) -> None: ...

    def advance(self, amount: int = 1) -> None: ...


class Silent:
    """Progress that nobody looks at."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, amount: int = 1) -> None:
        """Do nothing."""
