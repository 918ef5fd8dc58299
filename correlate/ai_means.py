"""The credentials with which a project could be changed, and what is seen of the four layers that should
keep that in hand: workload identity, just-in-time access, rotation and revocation, an immutable log.

A layer is answered by what was seen for it and against it. Where neither was, it is "not seen": never "no".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from correlate.model import Truth
from correlate.secret import Fingerprint

BRIEF = timedelta(days=1)

# Scopes that allow to push. GitHub: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/
# scopes-for-oauth-apps; GitLab: https://docs.gitlab.com/user/profile/personal_access_tokens/; Hugging Face:
# https://huggingface.co/docs/hub/security-tokens
_PUSHES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "github": frozenset({"repo", "public_repo"}),
        "gitlab": frozenset({"api", "write_repository"}),
        "huggingface": frozenset({"write"}),
    }
)


@dataclass(frozen=True, slots=True)
class Means:
    """A credential and what could be changed with it. `owner` is who it belongs to, by public name;
    `alive`: whether it was live in the window; `knew`: who is tied to it, by public names.
    """

    fingerprint: Fingerprint
    credential: str
    issuer: str
    could: Truth
    alive: Truth
    reason: str
    owner: str = ""
    owner_left: bool = False
    expires: Truth = Truth.UNKNOWN
    brief: bool = False
    places: tuple[str, ...] = ()
    knew: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """What was seen `good` and `bad` of one layer, and what of it nobody here can see (`dark`)."""

    name: str
    dark: str
    good: tuple[str, ...] = ()
    bad: tuple[str, ...] = ()

    @property
    def answer(self) -> str:
        """The answer in a word or two; what is dark keeps it from being more than "in part"."""
        return "in part" if self.good else "contrary seen" if self.bad else "not seen"


def pushes(issuer: str, scopes: Collection[str]) -> Truth:
    """Return whether a credential of its issuer may change repositories; never NO: of fine-grained
    rights nobody may have told.
    """
    return Truth.YES if _PUSHES.get(issuer, frozenset()) & set(scopes) else Truth.UNKNOWN


def is_forge(issuer: str) -> bool:
    """Whether an issuer keeps repositories that its credentials may change."""
    return issuer in _PUSHES


def brief(created_at: datetime | None, expires_at: datetime | None) -> bool:
    """Whether a credential was made for a day at most."""
    return None not in (created_at, expires_at) and _span(created_at, expires_at) <= BRIEF


def layers(
    held: Sequence[Means], standing_rights: int, proofs: Sequence[str], entries: Mapping[str, int],
    log_writers: int,
) -> tuple[Layer, ...]:  # fmt: skip
    """Answer the four layers. `standing_rights` counts people with a right to change that no end is
    told of, `proofs` say which credentials were rejected in the window, `entries` count what our own
    ledger holds on the project, `log_writers` those who could change its logs.
    """
    inside = [one for one in held if one.places]
    return (
        Layer(
            "workload identity", "whether its workloads log in by an identity of their own",
            bad=tuple(_static(inside)),
        ),
        Layer(
            "just-in-time access", "how rights to approve are given, and for how long",
            tuple(_brief(inside)), tuple(_lasting(held, standing_rights)),
        ),
        Layer(
            "rotation and revocation", "what was replaced before offkey found it",
            tuple(proofs), tuple(_unrevoked(held)),
        ),
        Layer(
            "immutable log", "whether the project's own logs can be changed afterwards",
            tuple(_logged(entries)), tuple(_log_changers(log_writers)),
        ),
    )  # fmt: skip


def _span(created_at: datetime | None, expires_at: datetime | None) -> timedelta:
    if created_at is None or expires_at is None:
        raise AssertionError("both are known here")
    return expires_at - created_at


def _static(inside: Iterable[Means]) -> Iterable[str]:
    kinds = Counter(one.credential for one in inside if not one.brief)
    for name, count in sorted(kinds.items()):
        yield f"{name}: {count} in plain text in the project"


def _brief(inside: Iterable[Means]) -> Iterable[str]:
    count = sum(one.brief for one in inside)
    if count:
        yield f"{count} of its credentials were made for a day at most"


def _lasting(held: Iterable[Means], standing_rights: int) -> Iterable[str]:
    endless = sum(one.expires is Truth.NO for one in held)
    if endless:
        yield f"{endless} of its credentials never expire, by their issuers' word"
    if standing_rights:
        yield f"{standing_rights} people may change it, and no end of that is told"


def _unrevoked(held: Iterable[Means]) -> Iterable[str]:
    for one in held:
        if one.owner_left and one.alive is Truth.YES:
            yield f"{one.credential} {one.fingerprint.short} was live though its owner has left"


def _logged(entries: Mapping[str, int]) -> Iterable[str]:
    if entries:
        sorts = ", ".join(f"{what} {count}" for what, count in sorted(entries.items()))
        total = sum(entries.values())
        yield f"offkey's own ledger holds {total} entries on its credentials ({sorts})"


def _log_changers(count: int) -> Iterable[str]:
    if count:
        yield f"{count} people could change what it logs where it is kept"
