"""Texts drawn from a kind's template, apart from `detectors.mint`: that one draws again what the
detectors would take for a placeholder, and ends a field as every boundary likes it; this one
draws what an issuer could.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from correlate.kind import Kind
from detectors.checksums import CHECKSUMS
from detectors.mint import ALPHABETS

_FIELD = re.compile(r"\{(\w+)(?::(\d+))?\}")
_ASSIGNMENT = re.compile(r'([A-Z][A-Z0-9_]*)=(?:"([^"]*)"|([^"&]*))')
_UUID = (8, 4, 4, 4, 12)
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
    longest = _longest(kind, template)
    size = _length(kind, longest) - len("EXAMPLE")
    body = draw(kind, f"{{{longest[1]}:{size}}}", rng) if size > _ROOM_FOR_EXAMPLE else ""
    return with_slot(kind, template, body + "EXAMPLE", rng)


def with_slot(kind: Kind, template: str, slot: str, rng: random.Random) -> str:
    """Return a drawn text in whose longest field's place stands `slot`; fields nearly as long,
    the further lines of a key, are left out.
    """
    longest = _longest(kind, template)
    enough = _length(kind, longest) * _NEARLY_AS_LONG

    def emptied(part: str) -> str:
        return _FIELD.sub(lambda f: "" if _length(kind, f) >= enough else f[0], part)

    before, after = template[: longest.start()], template[longest.end() :]
    if not kind.partner:
        before, after = emptied(before), emptied(after)
    return draw(kind, before, rng) + slot + draw(kind, after, rng)


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
    fixed = {"uuid": 36, "jwt": 200}
    return fixed.get(field[1], int(field[2] or 1))


def _field(kind: Kind, name: str, count: int, before: str, rng: random.Random) -> str:
    if name == "checksum":
        return CHECKSUMS[kind.checksum].expected(before)
    if name == "wrong_checksum":
        return CHECKSUMS[kind.checksum].expected(before + "-")
    if name == "uuid":
        return "-".join("".join(rng.choices(ALPHABETS["hex"], k=size)) for size in _UUID)
    if name == "jwt":
        return web_token(rng)
    return "".join(rng.choices(ALPHABETS[name], k=count))


def web_token(rng: random.Random) -> str:
    """Return a JSON web token that nobody signed."""
    claims = {"iss": "https://id.example.com", "sub": str(rng.getrandbits(40)), "exp": 4102444800}
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts]
    signature = base64.urlsafe_b64encode(rng.randbytes(32)).decode()
    return ".".join(part.rstrip("=") for part in (*coded, signature))
