"""What we write into ServiceNow: plain text that its journals show as it is, and the key of a case."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from connectors.adf import clean, lines
from correlate.errors import Refused
from correlate.model import CaseKey
from correlate.ticket import Block, Draft

OURS = "offkey"
TEXT_MAX = 3_900  # a description holds 4,000 characters unless the instance says otherwise
_KEY = re.compile(r"[A-Za-z0-9]{1,90}")


def correlation_of(key: CaseKey) -> str:
    """Return the correlation_id of a case's ticket. Raises Refused for a key that is none."""
    if not _KEY.fullmatch(key):
        raise Refused(
            "a case key cannot be a correlation id", where="tickets",
            why="it is empty or has other marks", fix="report this: keys are letters and digits",
        )  # fmt: skip
    return OURS + key


def key_of(correlation: str) -> CaseKey | None:
    """Return the case key of a correlation_id; None for one that we did not write."""
    key = correlation.removeprefix(OURS)
    return CaseKey(key) if correlation != key and _KEY.fullmatch(key) else None


def description(draft: Draft) -> str:
    """Return the text of a ticket, which ends with the draft's witness."""
    return disarmed("\n".join(lines(draft.body, TEXT_MAX, draft.witness)))


def reason_of(reason: str) -> str:
    """Return a reason as lines of plain text; never empty."""
    kept = [clean(line) for line in reason.splitlines() if line.strip()]
    return disarmed("\n".join(kept)[:TEXT_MAX]) or OURS


def restricted_note(blocks: Iterable[Block]) -> tuple[str, str]:
    """Return the work note that names the leaver, and the mark in it that tells whether it was written."""
    said = "\n".join(lines(blocks, TEXT_MAX))
    mark = OURS + hashlib.sha256(said.encode()).hexdigest()[:16]
    return disarmed(f"{said}\nReference {mark}"), mark


def disarmed(said: str) -> str:
    """Return a text without [code] tags, between which journal fields show HTML."""
    return re.sub(r"\[(/?code)", r"[ \1", said, flags=re.IGNORECASE)
