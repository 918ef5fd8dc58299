"""The exceptions on a pack's credentials: who asked, who approved, until when, how often renewed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from jobs.circle import Circle
from jobs.evidence.entries import Shown
from jobs.exception_book import Listed, listed_in


def exceptions_on(
    tx: Transaction, met: Circle, fingerprints: Collection[Fingerprint], now: datetime
) -> list[Listed]:
    """Return every exception on any of the credentials, in the order in which they were asked for."""
    return [
        one
        for one in listed_in(tx, met, now)
        if one.judged.exception.terms.fingerprint in fingerprints
    ]


def exception_row(one: Listed, shown: Shown) -> dict[str, Any]:
    """Return an exception as a record. `state` is where it stands, `why` what made it so."""
    held, terms = one.judged.exception, one.judged.exception.terms
    return {
        "exception": held.id,
        "credential": terms.fingerprint.digest[:16],
        "case": terms.case,
        "state": one.judged.stage.value,
        "why": one.judged.why,
        "asked_by": one.name(held.asked_by),
        "asked_at": held.asked_at.isoformat(),
        "reason": held.reason,
        "approved_by": one.name(held.approved_by),
        "approved_at": held.approved_at.isoformat() if held.approved_at else None,
        "policy": f"{terms.policy} {terms.version}".strip(),
        "expires_at": terms.expires_at.isoformat(),
        "used_by": one.name(terms.beneficiary) or terms.service,
        "renews": terms.renews,
        "renewals": held.renewals,
        "renewed_as": held.renewed_as,
        "ledger_entries": shown.numbers(held.id),
    }
