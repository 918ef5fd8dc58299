"""Tokens that stand in no text: only GitHub's own list shows that they were given out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sample_data.simulators.plan import Account, IssuedToken

KIND = "github_pat_classic"
LIST = "github-lists"


@dataclass(frozen=True, slots=True)
class Unfound:
    """One token of the worker `owner`, and the answer that a right judgement comes to."""

    label: str
    owner: str
    shows: str
    cases: tuple[tuple[str, str | None], ...]
    created_at: str
    last_used_at: str = ""
    expires_at: str = ""
    scopes: tuple[str, ...] = ("repo",)

    @property
    def place(self) -> str:
        """Where a report has it from."""
        return f"{LIST}:personal access token {authorisation_of(self.label)}"


UNFOUND = (
    Unfound(
        "maya-github-laptop",
        "100177",
        "a leaver's token that leaked nowhere, used after the leave",
        cases=(("F1", "100177"), ("F11", "100177")),
        created_at="2023-02-06T09:00:00Z",
        last_used_at="2026-11-12T22:41:00Z",
    ),
    Unfound(
        "wei-github-old",
        "100122",
        "made more than a year ago by somebody who is here, and never rotated",
        cases=(("F4", "100122"),),
        created_at="2022-03-01T09:00:00Z",
    ),
    Unfound(
        "chloe-github-short",
        "100151",
        "young, and with an end: nothing",
        cases=(),
        created_at="2026-10-20T09:00:00Z",
        expires_at="2026-12-20T09:00:00Z",
    ),
)


def authorisation_of(label: str) -> int:
    """Return the number under which GitHub's list has a token."""
    return 10_000 + int(hashlib.sha256(label.encode()).hexdigest()[:8], 16) % 90_000


def issued_unfound(one: Unfound, secret: str, account: Account) -> IssuedToken:
    """Return the token as GitHub holds it."""
    return IssuedToken(
        one.label,
        "github",
        secret,
        account,
        scopes=one.scopes,
        created_at=one.created_at,
        expires_at=one.expires_at,
        last_used_at=one.last_used_at,
    )
