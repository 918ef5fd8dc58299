"""A time-stamping authority in memory."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from correlate.errors import Refused, Unavailable
from correlate.tree_head import HeadStamp, Said, TreeHead


@dataclass(slots=True)
class TimeAuthorityTwin:
    """Its tokens hold the digest of the head's note and the instant `now`, in the clear."""

    now: datetime
    host: str = "tsa.example"
    down: bool = False
    asked: list[TreeHead] = field(default_factory=list)

    def stamp(self, head: TreeHead) -> HeadStamp:
        self.asked.append(head)
        if self.down:
            raise Unavailable("no stamp", where=self.host, why="it is down", fix="wait")
        token = f"{_digest(head)} {self.now.isoformat()}"
        return HeadStamp(head, base64.b64encode(token.encode()).decode())

    def said(self, stamp: HeadStamp) -> Said:
        digest, at = base64.b64decode(stamp.token).decode().split()
        if digest != _digest(stamp.head):
            raise Refused("no", where=self.host, why="it is of something else", fix="look")
        return Said(datetime.fromisoformat(at), "CN=twin")

    def ready(self) -> str:
        return self.host


def _digest(head: TreeHead) -> str:
    return hashlib.sha256(head.note.encode()).hexdigest()
