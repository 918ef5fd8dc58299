"""Texts drawn from a kind's template, apart from `detectors.mint`: that one draws again what the
detectors would take for a placeholder, and ends a field as every boundary likes it; this one
draws what an issuer could.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from correlate.kind import Kind
from detectors.checksums import CHECKSUMS
from detectors.mint import ALPHABETS, mint

_FIELD = re.compile(r"\{(\w+)(?::(\d+))?\}")
_ASSIGNMENT = re.compile(r'([A-Z][A-Z0-9_]*)=(?:"([^"]*)"|([^"&]*))')
_ROOM_FOR_EXAMPLE = 14
_NEARLY_AS_LONG = 0.6


@dataclass(frozen=True, slots=True)
class Setting:
    """A value under the name it is written beside, in upper case with underscores."""

    name: str
    value: str


def draw(kind: Kind, template: str, rng: random.Random) -> str:
    """Return the template with each field drawn, checksums right where it says so."""
    text, at = "", 0
    for field in _FIELD.finditer(template):
        text += template[at : field.start()]
        text += _field(kind, field[1], int(field[2] or 1), text, rng)
        at = field.end()
    return text + template[at:]


def filled(kind: Kind, template: str, fill: Callable[[int], str]) -> str:
    """Return the template with `fill(length)` for each field."""
    return _FIELD.sub(lambda field: fill(_length(kind, field)), template)


def with_example(kind: Kind, template: str, rng: random.Random) -> str:
    """Return a drawn text whose longest field ends in the word that documentation uses."""
    field = _longest(kind, template)
    size = _length(kind, field) - len("EXAMPLE")
    body = draw(kind, f"{{{field[1]}:{size}}}", rng) if size > _ROOM_FOR_EXAMPLE else ""
    return with_slot(kind, template, body + "EXAMPLE", rng)


def with_slot(kind: Kind, template: str, slot: str, rng: random.Random) -> str:
    """Return a drawn text in whose longest field's place stands `slot`; fields nearly as long,
    the further lines of a key, are left out.
    """
    field = _longest(kind, template)
    enough = _length(kind, field) * _NEARLY_AS_LONG

    def emptied(part: str) -> str:
        return _FIELD.sub(lambda f: "" if _length(kind, f) >= enough else f[0], part)

    before, after = template[: field.start()], template[field.end() :]
    if not kind.partner:
        before, after = emptied(before), emptied(after)
    return draw(kind, before, rng) + slot + draw(kind, after, rng)


def longest(kind: Kind, template: str) -> int:
    """Return the length of the template's longest field."""
    return _length(kind, _longest(kind, template))


def settings_of(kind: Kind, text: str, names: Sequence[str]) -> list[Setting]:
    """Return a drawn text as what stands in a file: under its own name where it brings one, a
    pair under two of `names`, else under the first of them.
    """
    own = _ASSIGNMENT.fullmatch(text)
    if own is not None:
        return [Setting(own[1], own[2] if own[2] is not None else own[3])]
    parts = text.strip('"').split(":", 1) if kind.partner else [text.strip('"')]
    return [Setting(name, part) for name, part in zip(names, parts, strict=False)]


def secret_of(kind: Kind, settings: Sequence[Setting]) -> str:
    """Return the secret that the settings hold; of a pair "id:secret"."""
    return ":".join(setting.value for setting in settings[: 2 if kind.partner else 1])


def _longest(kind: Kind, template: str) -> re.Match[str]:
    return max(_FIELD.finditer(template), key=lambda field: _length(kind, field))


def _length(kind: Kind, field: re.Match[str]) -> int:
    if field[1] in ("checksum", "wrong_checksum"):
        return CHECKSUMS[kind.checksum].length
    if field[1] in ALPHABETS:
        return int(field[2] or 1)
    return len(_built(kind, field[1], random.Random(0)))  # noqa: S311  # only its length counts


def _field(kind: Kind, name: str, count: int, before: str, rng: random.Random) -> str:
    if name == "checksum":
        return CHECKSUMS[kind.checksum].expected(before)
    if name == "wrong_checksum":
        return CHECKSUMS[kind.checksum].expected(before + "-")
    if name in ALPHABETS:
        return "".join(rng.choices(ALPHABETS[name], k=count))
    return _built(kind, name, rng)


def _built(kind: Kind, name: str, rng: random.Random) -> str:
    """A field that is more than drawn characters."""
    return mint(replace(kind, example=f"{{{name}}}"), str(rng.random()))
