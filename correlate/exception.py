"""Exceptions in words: what was asked for, each step, and how far it has come. Not Python's.

An exception lets one credential live on for a time, though the policy holds it against somebody.
`correlate.exception_rules` tells what the steps make of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from correlate.model import CaseKey, PersonId
from correlate.secret import Fingerprint


class Move(StrEnum):
    """A step in an exception's life."""

    ASKED = "asked"
    APPROVED = "approved"
    ENDED = "ended"  # by a person, before its time
    PROVED = "proved"  # by the issuer's rejection: there is nothing left to except


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: that one credential may live until `expires_at` under one `version` of a
    `policy`, in one case only (`case` None: in all of its cases). `beneficiary` is who goes on using
    it, `service` a service's name as people call it, of which offkey knows nothing. `renews` names
    the exception that this one takes over from.
    """

    fingerprint: Fingerprint
    case: CaseKey | None
    policy: str
    version: str
    expires_at: datetime
    beneficiary: PersonId | None = None
    service: str = ""
    renews: str = ""


@dataclass(frozen=True, slots=True)
class ExceptionStep:
    """One person's word on an exception (`by` None: it followed from the issuer's answers). `terms`
    stand in the step that asks, and in no other.
    """

    id: str
    move: Move
    by: PersonId | None
    reason: str
    at: datetime
    terms: Terms | None = None


@dataclass(frozen=True, slots=True)
class RiskException:
    """An exception as its steps make it. `renewals`: how many before it were renewed in turn.
    `renewed_as` names the approved one that took over from it.
    """

    id: str
    terms: Terms
    asked_by: PersonId
    asked_at: datetime
    reason: str
    renewals: int = 0
    approved_by: PersonId | None = None
    approved_at: datetime | None = None
    over: Move | None = None
    over_at: datetime | None = None
    renewed_as: str = ""


class Stage(StrEnum):
    """Where an exception stands at an instant. Only VALID holds a case off."""

    ASKED = "asked"
    LAPSED = "lapsed"  # never approved, and past the end that was asked for
    VALID = "valid"
    EXPIRED = "expired"
    VOID = "void"  # whoever approved it, or goes on using the credential, has left
    RENEWED = "renewed"
    ENDED = "ended"
    PROVED = "proved"


@dataclass(frozen=True, slots=True)
class Judged:
    """An exception, where it stands, and why; for a valid one what is not known of its people."""

    exception: RiskException
    stage: Stage
    why: str = ""
