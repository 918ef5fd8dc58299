"""Handles that look like another one and are not: for a person to review, never to match by.

The letters are those that Unicode's confusables (https://www.unicode.org/Public/security/latest/confusables.txt)
give for the small Latin ones; a handle that is wholly of another script looks like nobody.
"""

from __future__ import annotations

from correlate.model import Identity

_CYRILLIC = dict(zip("аеорсухѕіјһԁԛԝѵӏ", "aeopcyxsijhdqwvl", strict=True))  # noqa: RUF001
_GREEK = dict(zip("αοινρτυχ", "aoivptux", strict=True))
_OTHERS = {"ı": "i", "ɡ": "g", "ℓ": "l", "օ": "o", "ս": "u", "ո": "n", "հ": "h"}  # noqa: RUF001
_LATIN = str.maketrans({**_CYRILLIC, **_GREEK, **_OTHERS})
_ASCII = frozenset("abcdefghijklmnopqrstuvwxyz")


def looks_like(folded: Identity) -> Identity | None:
    """Return the identity in plain letters that a folded one is made to look like, if any: only
    one that mixes those letters with plain ones deceives.
    """
    plain = folded.handle.translate(_LATIN)
    local, _, _ = folded.handle.partition("@")
    if plain == folded.handle or not plain.isascii() or not _ASCII.intersection(local):
        return None
    return Identity(folded.system, plain)
