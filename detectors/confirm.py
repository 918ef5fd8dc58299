"""Whether a match is a credential of its kind: checksum, entropy, examples, structure."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from correlate.kind import Kind
from detectors.checksums import holds
from detectors.placeholder import entropy, is_placeholder, is_reference, is_weak_word

_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH = re.compile(r"(?i)(?:sha\d+[-:])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56,128})")
_WORDS = re.compile(r"[A-Za-z]+(?:[._/:-][A-Za-z]+)*[._/:-]?|[A-Z0-9_]+|[a-z0-9_.]+\[?")
_BASE64_RUN = re.compile(r"[0-9A-Za-z+/=]{16,}")
_CODE = re.compile(r"[;|&]|^[./~]|://|^\w+\.\w+\.|::|\\|^#|^%|^@|^arn:")


def is_credential(kind: Kind, text: str) -> bool:
    """Whether `text`, which the kind's pattern matched, can be one of its secrets."""
    if kind.checksum and kind.checksum_certain:
        return holds(kind.checksum, text)  # chance cannot spell it: no guess can overrule it
    check = _STRUCTURES.get(kind.id)
    if check is not None and not check(text):
        return False
    if kind.plugin == "keyword" and looks_like_code(text):
        return False
    if kind.plugin == "basic_auth" and (is_reference(text) or is_weak_word(text)):
        return False
    return not is_placeholder(text) and entropy(_random_part(kind, text)) >= kind.entropy_min


def looks_like_code(text: str) -> bool:
    """Whether the value of an assignment is a name, a path, a hash or a template, not a secret."""
    return (
        is_reference(text)
        or is_weak_word(text)
        or _CODE.search(text) is not None
        or any(shape.fullmatch(text) is not None for shape in (_UUID, _HASH, _WORDS))
    )


def jwt_part(text: str, index: int) -> Mapping[str, Any] | None:
    """Return a JSON web token's header (0) or claims (1), or None where it is no JSON object."""
    try:
        part = text.split(".")[index]
        value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_jwt(text: str) -> bool:
    header = jwt_part(text, 0)
    return header is not None and "alg" in header and jwt_part(text, 1) is not None


def _is_pem(text: str) -> bool:
    """A key, not a heading in a document: the shortest (an Ed25519 one) has 64 digits."""
    return sum(map(len, _BASE64_RUN.findall(text))) >= 64  # noqa: PLR2004  # said above


def _random_part(kind: Kind, text: str) -> str:
    """A pair's secret, else the whole: the fixed part of a token is short beside the drawn one."""
    return text.partition(":")[2] if kind.partner else text


def _is_unchecked(text: str) -> bool:
    """A generic value with so little variety that it is a word, whatever its entropy."""
    return len(set(text)) > 5  # noqa: PLR2004


_STRUCTURES: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "jwt": _is_jwt,
        "private_key_pem": _is_pem,
        "private_key_openssh": _is_pem,
        **{f"generic_{name}": _is_unchecked for name in ("password", "url_login")},
    }
)
