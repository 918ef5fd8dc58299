"""The vocabulary of issuers' own lists: rows, snapshots, and rows as they were last seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from correlate.kind import Kind
from correlate.model import Identity, Skip, Truth
from correlate.secret import Fingerprint, Pepper


class RowState(StrEnum):
    """How an issuer's list shows a credential. A DISABLED one may be switched on again."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hint:
    """What a list gives away of a credential, so that it can be told when it is found.

    Forms: "id" (the public half: an access key id), "last8", "last4", "sha256" (base64), and "ssh"
    (a public key as `ssh-keygen -l` names it, whosever list it stands in). In a connector's hands
    `value` is as the issuer writes it; it is keyed before it is stored.
    """

    form: str
    value: str = field(repr=False)


def hint_of(pepper: Pepper, issuer: str, hint: Hint) -> str:
    """Return a hint as it is kept: the found one and the listed one become the same."""
    return pepper.hint("" if hint.form == "ssh" else issuer, hint.form, hint.value)


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """An issuer's own list entry for one credential.

    `container` is the list it stands in (an organisation, a project, a user's own), `row_id`
    the issuer's immutable id in it, `what` the issuer's word for it ("fine-grained PAT"). `kind`
    is empty where the list does not tell which of our kinds it is. `owner_is_person` NO: a bot,
    a service or a project holds it. `last_used_grain_s`: `last_used_at` is the beginning of a
    span of so many seconds. `expires` NO: the issuer says that it never does; UNKNOWN: not told.
    """

    source: str
    container: str
    row_id: str
    issuer: str
    what: str
    state: RowState
    kind: str = ""
    name: str = ""
    owners: tuple[Identity, ...] = ()
    owner_name: str = ""
    owner_is_person: Truth = Truth.UNKNOWN
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_grain_s: int = 0
    expires_at: datetime | None = None
    expires: Truth = Truth.UNKNOWN
    scopes: tuple[str, ...] = ()
    hints: tuple[Hint, ...] = ()
    link: str = ""
    revoke_hint: str = ""


@dataclass(frozen=True, slots=True)
class InventorySnapshot:
    """All that one issuer's lists say at one instant.

    `listed` are the containers that were read to their end: only in those does a missing row
    mean anything. `gaps` are the others, each with its reason.
    """

    source: str
    taken_at: datetime
    rows: tuple[InventoryRow, ...] = ()
    listed: tuple[str, ...] = ()
    gaps: tuple[Skip, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """A row as it was last seen, and the last instant at which its list was read to the end.

    `fingerprint` is that of the row (source, container and id under the pepper), not of the
    credential's plaintext, which nobody has. The row's hints are keyed.
    """

    row: InventoryRow
    fingerprint: Fingerprint
    first_seen_at: datetime
    last_seen_at: datetime
    checked_at: datetime

    @property
    def gone(self) -> bool:
        """Whether the issuer's list was read to its end since, without this row."""
        return self.checked_at > self.last_seen_at


def how_to_revoke(kind: Kind, row: Listed | None) -> str:
    """Return how a person revokes a credential: its row's own word, else that of its kind."""
    return (row.row.revoke_hint if row else "") or kind.revoke_hint
