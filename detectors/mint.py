"""Made-up tokens of a Kind, so that no real-looking token stands in the repository.

A template is literal text with fields: `{alphabet:count}` draws characters, `{checksum}`
is the Kind's checksum of all before it and `{wrong_checksum}` another of its length, `{uuid}`
a random UUID, `{jwt}` a signed-looking JSON web token, `{macaroon}` one in base64, `{login}` a
name and a password in base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from correlate.kind import Kind
from detectors.checksums import CHECKSUMS
from detectors.placeholder import is_placeholder

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()

ALPHABETS: Mapping[str, str] = MappingProxyType(
    {
        "digits": _DIGITS,
        "lower": _LOWER,
        "upper": _UPPER,
        "letters": _UPPER + _LOWER,
        "hex": _DIGITS + "abcdef",
        "upper_hex": _DIGITS + "ABCDEF",
        "base32": _UPPER + "234567",
        "upper_digits": _UPPER + _DIGITS,
        "lower_digits": _LOWER + _DIGITS,
        "base62": _DIGITS + _UPPER + _LOWER,
        "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "base64": _UPPER + _LOWER + _DIGITS + "+/",
        "base64url": _UPPER + _LOWER + _DIGITS + "-_",
    }
)
_FIELD = re.compile(r"\{(\w+)(?::(\d+))?\}")


def mint(kind: Kind, seed: str) -> str:
    """Return a token of `kind`, the same for the same seed, with a correct checksum.

    A pair gives its canonical "id:secret"; a kind that is known by its surroundings (a generic
    assignment) gives the text around the secret too, which is the pattern's first group. The token is never one that the detectors would
    take for a placeholder. Raises ValueError for a template that names an unknown field.
    """
    for attempt in range(100):
        token = _fill(kind, kind.example, _stream(f"{kind.id}\x00{seed}\x00{attempt}"))
        if not is_placeholder(token):
            return token
    raise ValueError(f"every token minted for {kind.id} looks like a placeholder")


def mint_near_misses(kind: Kind, seed: str) -> tuple[str, ...]:
    """Return texts that look like a token of `kind` and are none, one for each template."""
    return tuple(_fill(kind, text, _stream(f"{kind.id}\x00{seed}")) for text in kind.near_misses)


def _fill(kind: Kind, template: str, noise: Iterator[int]) -> str:
    token, at = "", 0
    for field in _FIELD.finditer(template):
        token += template[at : field.start()]
        token += _field(kind, field[1], int(field[2] or 1), token, noise)
        at = field.end()
    return token + template[at:]


def _field(kind: Kind, name: str, count: int, before: str, noise: Iterator[int]) -> str:
    if name == "checksum":
        return CHECKSUMS[kind.checksum].expected(before)
    if name == "wrong_checksum":
        return CHECKSUMS[kind.checksum].expected(before + "-")
    if name in _BUILT:
        return _BUILT[name](noise)
    if name not in ALPHABETS:
        raise ValueError(f"the example of {kind.id} names an unknown field: {name}")
    return _draw(ALPHABETS[name], count, noise)


def _draw(alphabet: str, count: int, noise: Iterator[int]) -> str:
    drawn = "".join(alphabet[next(noise) % len(alphabet)] for _ in range(count))
    # a last character that every boundary check accepts
    return drawn if drawn[-1:].isalnum() else drawn[:-1] + alphabet[0]


def _stream(seed: str) -> Iterator[int]:
    block = 0
    while True:
        yield from hashlib.sha256(f"{block}\x00{seed}".encode()).digest()
        block += 1


def _jwt(noise: Iterator[int]) -> str:
    claims = {"iss": "https://id.example.com", "sub": _draw(_DIGITS, 10, noise), "exp": 4102444800}
    parts = [_b64url(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims)]
    return ".".join([*parts, _draw(ALPHABETS["base64url"], 43, noise)])


def _macaroon(noise: Iterator[int]) -> str:
    """As PyPI makes them, for one user: detectors/forms/macaroon.py reads them."""
    user = _uuid(noise)
    fields = [(1, b"pypi.org"), (2, _uuid(noise).encode()), (0, b"")]
    fields += [(2, json.dumps([3, user]).encode()), (0, b""), (0, b"")]
    fields += [(6, bytes(next(noise) for _ in range(32)))]
    body = b"".join(bytes([field, len(data)][: 1 + bool(field)]) + data for field, data in fields)
    return _b64url(b"\x02" + body)


def _login(noise: Iterator[int]) -> str:
    login = f"svc{_draw(_LOWER, 8, noise)}:{_draw(ALPHABETS['base62'], 21, noise)}"
    return base64.b64encode(login.encode()).decode()


def _uuid(noise: Iterator[int]) -> str:
    return "-".join(_draw(ALPHABETS["hex"], size, noise) for size in (8, 4, 4, 4, 12))


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


_BUILT: Mapping[str, Callable[[Iterator[int]], str]] = MappingProxyType(
    {"jwt": _jwt, "macaroon": _macaroon, "login": _login, "uuid": _uuid}
)
