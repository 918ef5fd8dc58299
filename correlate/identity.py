"""Which person held an account at an instant. Names are never enough; bots are never persons."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from correlate.model import Identity, PersonId
from correlate.verdict import Correction, Held, Holding, Person

# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
_GITHUB = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com")
# https://docs.gitlab.com/user/profile/#use-an-automatically-generated-private-commit-email
_GITLAB = re.compile(r"(?P<id>\d+)-(?P<login>[^@]+)@users\.noreply\.gitlab\.com")
_NO_REPLY = "@users.noreply."  # in each of the two, and in hardly anything else
BY_NUMBER = frozenset(
    {"github", "gitlab"}
)  # where such an address may name the account's number too
NUMBERED = frozenset(f"{system}-id" for system in BY_NUMBER)  # by which number
_BOT = re.compile(
    r"\[bot\]|^(?:noreply|no-reply|donotreply|ci|build|jenkins|root|bot|automation|deploy|renovate|"
    r"renovate-bot|dependabot|github-actions|web-flow|semantic-release-bot|k8s-merge-robot)@|"
    r"^(?:project|group)_\d+_bot(?:_[0-9a-z]+)?(?:@|$)",
    re.IGNORECASE,
)


def fold(identity: Identity) -> Identity:
    """Return the identity in the form used for comparison: NFKC, case-folded, trimmed.

    A forge's no-reply address becomes the login it names. Dots and plus-tags stay: two
    addresses that differ in them may be two people.
    """
    return spellings(identity)[-1]


def address(text: str) -> str:
    """Return a mail address in the form used for comparison: the folded handle."""
    handle = _folded(text)
    return fold(Identity("mail", handle)).handle if _NO_REPLY in handle else handle


def _folded(handle: str) -> str:
    # the normal form of ASCII is itself, and nearly every handle is ASCII
    if handle.isascii():
        return handle.lower().strip()
    return unicodedata.normalize("NFKC", handle).casefold().strip()


def spellings(identity: Identity) -> tuple[Identity, ...]:
    """Return all folded identities that this one names, the most lasting first.

    A no-reply address may hold the account's number too: that never changes hands, a login may.
    """
    handle = _folded(identity.handle)
    if identity.system == "mail" and _NO_REPLY in handle:
        for system, form in (("github", _GITHUB), ("gitlab", _GITLAB)):
            found = form.fullmatch(handle)
            if found:
                number = (Identity(f"{system}-id", found["id"]),) if found["id"] else ()
                return (*number, Identity(system, found["login"]))
    return (identity if handle == identity.handle else Identity(identity.system, handle),)


def handles(identities: Iterable[Identity]) -> set[str]:
    """Return the folded handles of all that the identities name, by which they are found."""
    return {one.handle for identity in identities for one in spellings(identity)}


def is_bot(identity: Identity) -> bool:
    """Whether an identity is a machine's by its very form, and so is never tied to a person."""
    return _named_as_bot(identity.handle)


@lru_cache(maxsize=1 << 17)
def _named_as_bot(handle: str) -> bool:
    handle = handle.casefold().strip()
    return bool(_BOT.search(handle)) or handle == "noreply@github.com"


class Match(StrEnum):
    """How an identity met a person."""

    HELD = "held"  # exactly one person held it then
    OUTSIDE = "outside"  # only one person ever held it, but not then
    NONE = "none"
    AMBIGUOUS = "ambiguous"
    BOT = "bot"


class Link(NamedTuple):
    """The answer to "whose was this then": a person, or why there is none.

    `among` are those who held it then together: a shared account is nobody's own.
    """

    match: Match
    person: PersonId | None = None
    source: str = ""
    among: tuple[PersonId, ...] = ()


_NOBODY, _BOTS = Link(Match.NONE), Link(Match.BOT)


class _Sole(NamedTuple):
    """The one holding there ever was of an identity, and whose it was while it lasted and otherwise."""

    hold: Holding
    held: Link
    outside: Link

    def then(self, at: datetime | None) -> Link:
        return self.held if at is None or covers(self.hold, at) else self.outside


class _Several(NamedTuple):
    """What was held more than once, by one or by several."""

    holders: Sequence[tuple[PersonId, Holding]]
    persons: Mapping[PersonId, Person]

    def then(self, at: datetime | None) -> Link:
        found = [one for one in self.holders if at is None or covers(one[1], at)]
        link = _sole(found, Match.HELD) if found else _sole(self.holders, Match.OUTSIDE)
        return _BOTS if link.person and _is_machine(link.person, self.persons) else link


class _Always(NamedTuple):
    """What is the same whenever it is asked about."""

    link: Link

    def then(self, at: datetime | None) -> Link:  # noqa: ARG002  # as the others
        return self.link


_ALWAYS_BOTS = _Always(_BOTS)
_Met = _Sole | _Several | _Always


@dataclass(frozen=True, slots=True)
class People:
    """Those known, and who held which identity when. `held` is complete for every identity that
    is asked about.
    """

    persons: Mapping[PersonId, Person]
    held: Held
    corrected: Held = field(default_factory=dict)
    # what was asked about and is a machine's or somebody's: it is asked again and again
    met: dict[tuple[str, str], _Met] = field(default_factory=dict, compare=False, repr=False)

    def who(self, identity: Identity, at: datetime | None) -> Link:
        """Return who held `identity` at the instant `at` (None: at any time).

        A holder by correction wins over all that feeds say. A holder at that instant comes
        next. Where nobody held it then, a sole holder of all time is named as OUTSIDE; with
        several the answer is AMBIGUOUS, never a guess. Of an address that names an account by
        number and by login, the number decides where it is known.
        """
        if self.corrected:
            for folded in spellings(identity):
                link = self._by_correction(folded, at)
                if link is not None:
                    return link
        name = identity.system, identity.handle
        met = self.met.get(name)
        if met is None:
            met = self._meet(identity)
            if met is None:
                return _NOBODY
            self.met[name] = met
        return met.then(at)

    def _meet(self, identity: Identity) -> _Met | None:
        if is_bot(identity):
            return _ALWAYS_BOTS
        for folded in spellings(identity):
            holders = self.held.get(folded)
            if holders:
                several = len(holders) > 1
                return _Several(holders, self.persons) if several else self._only(*holders[0])
        return None

    def _by_correction(self, folded: Identity, at: datetime | None) -> Link | None:
        said = [one for one in self.corrected.get(folded, ()) if at is None or covers(one[1], at)]
        return _sole(said, Match.HELD) if said else None

    def _only(self, person: PersonId, hold: Holding) -> _Sole:
        if _is_machine(person, self.persons):
            return _Sole(hold, _BOTS, _BOTS)
        source = hold.source
        return _Sole(hold, Link(Match.HELD, person, source), Link(Match.OUTSIDE, person, source))


def _is_machine(person: PersonId, persons: Mapping[PersonId, Person]) -> bool:
    known = persons.get(person)
    return known is not None and known.machine


def covers(hold: Holding, at: datetime) -> bool:
    """Whether somebody held an identity at an instant."""
    return (hold.since is None or hold.since <= at) and (hold.until is None or at <= hold.until)


def _sole(candidates: Sequence[tuple[PersonId, Holding]], match: Match) -> Link:
    first, hold = candidates[0]
    if len(candidates) == 1 or all(person == first for person, _ in candidates):
        return Link(match, first, hold.source)
    among = tuple(sorted({person for person, _ in candidates}))
    return Link(Match.AMBIGUOUS, among=among if match is Match.HELD else ())


def index(persons: Iterable[Person]) -> dict[Identity, list[tuple[PersonId, Holding]]]:
    """Return who held each identity, of all the persons."""
    held: dict[Identity, list[tuple[PersonId, Holding]]] = defaultdict(list)
    for person in persons:
        for hold in person.holdings:
            held[hold.identity].append((person.id, hold))
    return held


def by_correction(corrections: Iterable[Correction], known: Container[PersonId]) -> Held:
    """Return who of those known holds which identity by people's word, oldest first, of which the
    last one on a pair stands.
    """
    corrected: dict[Identity, list[tuple[PersonId, Holding]]] = defaultdict(list)
    for one in _last_words(corrections):
        if one.holds and one.person in known:
            hold = Holding(one.identity, one.since, one.until, f"correction by {one.by}")
            corrected[one.identity].append((one.person, hold))
    return dict(corrected)


def denied(corrections: Iterable[Correction]) -> Mapping[PersonId, Sequence[Identity]]:
    """Return what is not theirs by people's word, of which the last one on a pair stands."""
    found: dict[PersonId, list[Identity]] = defaultdict(list)
    for one in _last_words(corrections):
        if not one.holds:
            found[one.person].append(one.identity)
    return dict(found)


def _last_words(corrections: Iterable[Correction]) -> Iterable[Correction]:
    return {(one.identity, one.person): one for one in corrections}.values()
