"""Taking people out of what is kept: what names them, and what stands there instead.

Named by their number   where a value says whose it is ("person", "worker_id"): whole values only.
Named by an account     an identity they alone ever held, whatever its spelling.
Named in words          their names, addresses, logins and longer numbers, as whole words of any text.

A place keeps its address, since the credential still stands there and has to be read again; nothing
is changed in a fingerprint, a hint or a row's id at its issuer. What somebody else goes by too
(a name twice, an address given to the next) stays theirs.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

from correlate.identity import spellings
from correlate.model import Identity, PeopleSnapshot, PersonId, Worker
from correlate.verdict import Case, Named, Person

PREFIX = "person:"
_WHOSE = frozenset({"person", "successor", "by", "beneficiary", "manager", "worker_id", "owner"})
_KEPT = frozenset(
    {
        "container", "digest", "facts", "fingerprint", "hints", "item", "key", "key_id", "link",
        "locator", "part", "path", "row_id", "scopes", "source",
    }
)  # fmt: skip
_WORD = re.compile(r"[\w@+-]+(?:\.[\w@+-]+)*")  # an address or a dotted login is one word
_SPACE = re.compile(r"\s+")
_SHORTEST = {"name": 3, "login": 4, "number": 5}  # shorter ones are words of other meanings


def is_reference(name: str) -> bool:
    """Whether a name is a reference, that stands for somebody or for one who was forgotten."""
    return name.startswith(PREFIX)


def named(
    person: Person,
    held: Collection[Identity],
    reference: str,
    others: Collection[Identity],
    namesakes: Collection[str],
) -> Named:
    """Return by what a person who `held` these identities is known, without what `others` hold too
    and the folded names that `namesakes` bear.
    """
    numbers = {str(person.id)}
    numbers |= {str(row.worker_id) for row in person.spells}
    numbers |= {row.person_key for row in person.spells if row.person_key}
    numbers |= {account.account_id for account in person.accounts}
    identities = set(held) - set(others)
    handles = {one.handle for one in identities if len(one.handle) >= _SHORTEST["login"]}
    long = {number for number in numbers if len(number) >= _SHORTEST["number"]}
    names = {
        name
        for name in names_of(person)
        if len(name) >= _SHORTEST["name"] and folded(name) not in namesakes
    }
    shared = {one.handle for one in others}
    return Named(
        person.id, reference, frozenset(numbers), frozenset(identities),
        frozenset((handles | long | names) - shared),
    )  # fmt: skip


def names_of(person: Person) -> set[str]:
    """Return every display name a person goes by."""
    names = {person.name, *(row.name for row in person.spells)}
    names |= {account.name for account in person.accounts}
    return {" ".join(name.split()) for name in names if name.strip()}


def folded(text: str) -> str:
    """Return a text in the form in which words are compared."""
    return unicodedata.normalize("NFKC", text).casefold()


class _Phrase(NamedTuple):
    """Words that follow one another with these gaps between them, and what stands for them."""

    words: tuple[str, ...]
    gaps: tuple[str, ...]
    reference: str


class _Words:
    """Finds phrases in texts, in time that does not depend on how many they are."""

    def __init__(self, phrases: Mapping[str, str]) -> None:
        self._by_first: dict[str, list[_Phrase]] = defaultdict(list)
        for text, reference in phrases.items():
            words, gaps = _cut(_composed(text))
            if words:
                phrase = _Phrase(tuple(folded(word[0]) for word in words), gaps, reference)
                self._by_first[phrase.words[0]].append(phrase)
        for found in self._by_first.values():
            found.sort(key=lambda phrase: -len(phrase.words))

    def replaced(self, text: str) -> str:
        """Return the text with each phrase's reference in its place."""
        composed = _composed(text)
        words, gaps = _cut(composed)
        made, done, number = [], 0, 0
        while number < len(words):
            phrase = self._at(words, gaps, number)
            if phrase is not None:
                last = words[number + len(phrase.words) - 1]
                made += [composed[done : words[number].start()], phrase.reference]
                done = last.end()
            number += len(phrase.words) if phrase is not None else 1
        return "".join([*made, composed[done:]]) if made else text

    def _at(
        self, words: Sequence[re.Match[str]], gaps: Sequence[str], number: int
    ) -> _Phrase | None:
        for phrase in self._by_first.get(folded(words[number][0]), ()):
            end = number + len(phrase.words)
            if tuple(gaps[number : end - 1]) == phrase.gaps and phrase.words == tuple(
                folded(word[0]) for word in words[number:end]
            ):
                return phrase
        return None


def _cut(text: str) -> tuple[list[re.Match[str]], tuple[str, ...]]:
    """Return the words of a text, and what lies between them, any white space as one blank."""
    words = list(_WORD.finditer(text))
    gaps = (text[one.end() : two.start()] for one, two in pairwise(words))
    return words, tuple(_SPACE.sub(" ", gap) for gap in gaps)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


class Eraser:
    """Puts references in the place of those named, in any value of the vocabulary as plain data."""

    def __init__(self, people: Iterable[Named]) -> None:
        self.people = tuple(people)
        self._numbers = {number: one.reference for one in self.people for number in one.numbers}
        self._identities = {
            identity: one.reference for one in self.people for identity in one.identities
        }
        self._words = _Words({word: one.reference for one in self.people for word in one.words})

    def plain(self, value: Any) -> Any:
        """Return plain data with nobody named. Changes nothing else."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.plain(item) for item in value]
        if isinstance(value, dict):
            return self._fields(value)
        return value

    def text(self, text: str) -> str:
        """Return a text with nobody named."""
        return self._words.replaced(text)

    def number(self, text: str) -> str:
        """Return the reference of whoever has the number, else the number."""
        return self._numbers.get(text, text)

    def _fields(self, value: Mapping[str, Any]) -> dict[str, Any]:
        if value.keys() == {"system", "handle"}:
            said = spellings(Identity(value["system"], value["handle"]))
            found = next((self._identities[one] for one in said if one in self._identities), None)
            return {**value, "handle": found} if found else dict(value)
        return {key: self._field(key, item) for key, item in value.items()}

    def _field(self, key: str, item: Any) -> Any:
        if key in _WHOSE and isinstance(item, str):
            known = self.number(item)
            return known if known != item else self.text(item)
        return item if key in _KEPT else self.plain(item)


def unlinked(case: Case, reference: str) -> Case:
    """Return an ended case without whom it was held against, and why: a reference stands there."""
    rejections = tuple(replace(one, identities=(), owner_name="") for one in case.rejections)
    return replace(
        case, person=PersonId(reference), departure=None, grounds=(), rejections=rejections, note=""
    )


def without_them(taken: PeopleSnapshot, persons: Iterable[Person]) -> PeopleSnapshot:
    """Return a snapshot without the rows and accounts that persons were made of."""
    rows, accounts = set(), set()
    for person in persons:
        rows |= {_row(row) for row in person.spells}
        accounts |= {(one.account_id, one.login) for one in person.accounts}
    return replace(
        taken,
        workers=tuple(row for row in taken.workers if _row(row) not in rows),
        accounts=tuple(
            one for one in taken.accounts if (one.account_id, one.login) not in accounts
        ),
    )


def _row(row: Worker) -> tuple[object, ...]:
    """What tells a row from those of other feeds that number alike; the manager is named otherwise
    in a person's spell than in the feed.
    """
    return row.worker_id, row.spell, row.name, row.emails, row.starts_at
