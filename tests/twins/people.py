"""A people feed in memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from correlate.errors import FeedRefused
from correlate.model import DirectoryAccount, PeopleSnapshot, Worker


@dataclass(slots=True)
class PeopleTwin:
    """Gives what it holds; `refusal`, when set, is why it is not believed."""

    name: str = "people"
    workers: tuple[Worker, ...] = ()
    accounts: tuple[DirectoryAccount, ...] = ()
    complete: bool = True
    refusal: str = ""
    problems: tuple[str, ...] = ()

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        if self.refusal:
            fix = "none" if last is None else "the last one stays"
            raise FeedRefused("refused", where=self.name, why=self.refusal, fix=fix)
        digest = hashlib.sha256(repr((self.workers, self.accounts)).encode()).hexdigest()
        rows = (self.workers, self.accounts, self.problems)
        return PeopleSnapshot(self.name, now, self.complete, digest, *rows)
