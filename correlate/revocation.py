"""How a revocation comes about: asked for by one person, approved by another, sent once, proved.

asked -> approved -> sending -> over          a new request voids what came before it
                        `-> (nothing)         the process died: it may have been sent, so it is
                                              proved or given up on, and never sent again

All of it stands in the ledger, as entries about the case; nothing else is kept. What is asked for
holds for a day, and only for the very case, credential and call that were shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from correlate.codec import decode, record_of
from correlate.evidence import canonical
from correlate.kind import Effect
from correlate.model import CaseKey, Liveness, LivenessState, PersonId
from correlate.ports import RevocationCall, RevocationReply
from correlate.verdict import LedgerEntry

ASKED, APPROVED = "revocation_asked", "revocation_approved"
SENDING, OVER = "revocation_sending", "revocation_over"
LIFETIME = timedelta(hours=24)

T = TypeVar("T")


class End(StrEnum):
    """What came of a revocation. A case is closed by none of them, but by its two rejections."""

    PROVED = "proved: the issuer rejects it"
    UNPROVED = "sent, and not proved"
    REFUSED = "refused by the issuer"
    UNCLEAR = "unclear: it may have been sent"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for, by whom: `call` as it was shown, for one credential of one case."""

    credential: str
    call: RevocationCall
    by: PersonId
    reason: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Word:
    """One person's word on a request, which is named by its `id`."""

    request: str
    by: PersonId


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, with what the issuer said to the call and to the last question."""

    request: str
    end: End
    reply: str = ""
    status: int | None = None
    last: Liveness | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the newest request of a case has come."""

    id: str = ""
    asked_at: datetime | None = None
    request: Request | None = None
    approved_by: PersonId | None = None
    approved_at: datetime | None = None
    sending_at: datetime | None = None
    outcome: Outcome | None = None
    over_at: datetime | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether it may have been sent, and nothing is written of what came of it."""
        return self.sending_at is not None and self.outcome is None


def entry(now: datetime, what: str, case: CaseKey, said: Request | Word | Outcome) -> LedgerEntry:
    """Return a step of a revocation as the ledger holds it."""
    return LedgerEntry(now, what, case, record_of(said))


def id_of(asked: LedgerEntry) -> str:
    """Return the name of a request: a digest of all that it says, and of when."""
    return hashlib.sha256(canonical(asked).encode()).hexdigest()[:24]


def progress(entries: Iterable[LedgerEntry]) -> Progress:
    """Return how far the newest request among one case's ledger entries (oldest first) has come."""
    at = Progress()
    for item in entries:
        if item.what == ASKED:
            at = Progress(id_of(item), item.at, _said(Request, item))
        elif item.what == APPROVED and _word(item).request == at.id:
            at = replace(at, approved_by=_word(item).by, approved_at=item.at)
        elif item.what == SENDING and _word(item).request == at.id:
            at = replace(at, sending_at=item.at)
        elif item.what == OVER and _said(Outcome, item).request == at.id:
            at = replace(at, outcome=_said(Outcome, item), over_at=item.at)
    return at


def not_approvable(at: Progress, by: PersonId, approvers: Collection[PersonId]) -> str:
    """Return why `by` may not approve the request, empty if they may."""
    if by not in approvers:
        return "they are not among revocation.approvers"
    if at.request is not None and by == at.request.by:
        return "whoever asks cannot approve"
    return ""


def void(at: Progress, credential: str, call: RevocationCall, now: datetime) -> str:
    """Return why the newest request asks for nothing at `now`, empty if it stands."""
    if at.request is None:
        return "nobody asked for it"
    if at.outcome is not None:
        return f"the last request is over: {at.outcome.end.value}"
    if now >= at.request.expires_at:
        return f"the request ended at {at.request.expires_at:%Y-%m-%d %H:%M} UTC"
    if at.request.credential != credential or at.request.call != call:
        return "the credential or the call is not what was asked for any more"
    return ""


def ended(reply: RevocationReply | None, last: Liveness) -> End:
    """Return what came of it: the issuer's rejection proves, its reply to the call alone never does.

    `reply` is None where nobody saw it.
    """
    if last.state is LivenessState.DEAD:
        return End.PROVED
    effect = reply.effect if reply else Effect.UNCLEAR
    done = {Effect.DONE: End.UNPROVED, Effect.GONE: End.UNPROVED, Effect.REFUSED: End.REFUSED}
    return done.get(effect, End.UNCLEAR)


def _word(item: LedgerEntry) -> Word:
    return _said(Word, item)


def _said(kind: type[T], item: LedgerEntry) -> T:
    return decode(kind, item.data)
