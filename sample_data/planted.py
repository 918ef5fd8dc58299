"""What a planted credential is, and what ought to come of it. Reasoned by hand, never computed."""

from __future__ import annotations

from dataclasses import dataclass

from sample_data.simulators.plan import Account, IssuedToken, Status


@dataclass(frozen=True, slots=True)
class Planted:
    """One credential, where it stands, and the answer that a right judgement comes to.

    `places` are all places, "<container>:<path>". `cases` are pairs of case kind and person
    (None: nobody), `watch` pairs of person and reason. `owner` is the worker whom the issuer
    names; `account` the name of an account that is no person's. Without `vendor` nobody can
    be asked.
    """

    label: str
    kind: str
    places: tuple[str, ...]
    shows: str
    cases: tuple[tuple[str, str | None], ...] = ()
    watch: tuple[tuple[str, str], ...] = ()
    vendor: str = ""
    owner: str = ""
    account: str = ""
    status: Status = Status.LIVE
    scopes: tuple[str, ...] = ()
    created_at: str = "2022-01-10T08:00:00Z"


def issued(planted: Planted, secret: str, account: Account) -> IssuedToken:
    """Return the credential as its issuer holds it."""
    return IssuedToken(
        planted.label,
        planted.vendor,
        secret,
        account,
        planted.status,
        planted.scopes,
        planted.created_at,
    )
