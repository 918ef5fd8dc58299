"""What the store holds, not decoded yet: another process can be sent it, and decode it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.store_rows import loaded
from connectors.store_sensitive import Words
from correlate.model import DirectoryAccount, Exposure, Liveness, PersonId, Place, Reader, Worker
from correlate.secret import Fingerprint
from correlate.stored import Answers, Found, Uses
from correlate.verdict import Case, Person

# a credential's key id and digest, and: its answer, whether definite, whether the last of any sort, when used
AnswerRow = tuple[str, str, str, int, int, str | None]
UseRow = tuple[str, str, str | None, str | None]  # ... when asked, when used
_NO_ANSWERS, _NO_USES = Answers(None, None), Uses()


@dataclass(frozen=True, slots=True)
class PackedFound:
    """`Packed` of what was found in texts: the places of each credential, in its order."""

    names: Sequence[Fingerprint]
    places: Sequence[Sequence[str]]
    answers: Sequence[AnswerRow]
    uses: Sequence[UseRow]

    def unpack(self) -> list[Found]:
        """Decode all."""
        answers, uses = answers_in(self.answers), uses_in(self.uses)
        return [
            Found(
                tuple([loaded(Exposure, text) for text in texts]),
                answers.get(who, _NO_ANSWERS),
                uses.get(who, _NO_USES),
            )
            for who, texts in zip(self.names, self.places, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class PackedCases:
    """`Packed` of cases."""

    texts: Sequence[str]

    def unpack(self) -> list[Case]:
        """Decode all."""
        return [loaded(Case, text) for text in self.texts]


@dataclass(frozen=True, slots=True)
class PackedReaders:
    """`Packed` of containers with their readers."""

    texts: Sequence[tuple[Place, Sequence[str]]]

    def unpack(self) -> list[tuple[Place, tuple[Reader, ...]]]:
        """Decode all."""
        return [
            (place, tuple([loaded(Reader, text) for text in readers]))
            for place, readers in self.texts
        ]


@dataclass(frozen=True, slots=True)
class PackedPersons:
    """`Packed` of persons without what they held, each with what operators `said` of them."""

    texts: Sequence[str]
    said: Words

    def unpack(self) -> list[Person]:
        """Decode all."""
        return [self.said.on(loaded(_Unheld, text).person()) for text in self.texts]


@dataclass(frozen=True, slots=True)
class _Unheld:
    """A stored person of whom what they held is not read: it is most of them."""

    id: PersonId
    name: str
    spells: tuple[Worker, ...] = ()
    accounts: tuple[DirectoryAccount, ...] = ()
    machine: bool = False
    left_seen_at: datetime | None = None

    def person(self) -> Person:
        return Person(
            self.id, self.name, self.spells, self.accounts, (), self.machine, self.left_seen_at
        )


def answers_in(rows: Sequence[AnswerRow]) -> dict[Fingerprint, Answers]:
    """Return the last definite answer and the last of any sort, of rows that are one or the other."""
    found: dict[Fingerprint, Answers] = {}
    for key_id, digest, data, definite, newest, _ in rows:
        who, said = Fingerprint(key_id, digest), loaded(Liveness, data)
        known = found.get(who, _NO_ANSWERS)
        found[who] = Answers(said if definite else known.definite, said if newest else known.latest)
    return found


def uses_in(rows: Sequence[UseRow]) -> dict[Fingerprint, Uses]:
    """Return when each was asked about, and when its issuer said that it was last used."""
    asked: dict[Fingerprint, set[datetime]] = defaultdict(set)
    used: dict[Fingerprint, set[datetime]] = defaultdict(set)
    for key_id, digest, *texts in rows:
        for found, text in zip((asked, used), texts, strict=True):
            if text:
                found[Fingerprint(key_id, digest)].add(datetime.fromisoformat(text))
    return {one: Uses(tuple(asked[one]), tuple(used[one])) for one in asked.keys() | used.keys()}
