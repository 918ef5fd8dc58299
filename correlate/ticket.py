"""What a ticket is to say, and how it stands in its system."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from correlate.model import CaseKey


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text. Nothing in it is markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value rows under a heading."""

    heading: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A heading and a list of plain texts."""

    heading: str
    items: tuple[str, ...]


Block = Paragraph | Facts | Bullets


@dataclass(frozen=True, slots=True)
class Draft:
    """What a ticket is to say. `restricted` holds what names the leaver (ServiceNow: work notes).
    `sensitive`: where a sink cannot keep `restricted` from those who may see the ticket, it leaves
    it out. `due_at`: by when the case has to be closed. `witness` is a line that the ticket is to
    keep for us wherever it is written to; that it differs is no reason to write.
    """

    key: CaseKey
    title: str
    body: tuple[Block, ...]
    restricted: tuple[Block, ...] = ()
    severity: str = "high"  # "critical", "high", "medium", "low"
    sensitive: bool = False
    due_at: datetime | None = None
    witness: str = ""


@dataclass(frozen=True, slots=True)
class TicketRef:
    """A ticket as its system names it: `id` immutable (10001, a sys_id), `key` for people (SEC-7)."""

    sink: str
    id: str
    key: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class TicketStatus:
    """A ticket as it stands now. `resolution` is as the system words it, empty while open;
    `resolved_by_us` tells our own closing from a person's.
    """

    ref: TicketRef
    open: bool
    resolution: str = ""
    resolved_by_us: bool = False
