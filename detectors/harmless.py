"""Why a value beside a word like "password" is no secret: each reason in words a person can check."""

from __future__ import annotations

import re

from correlate.kind import Kind
from detectors.placeholder import is_reference, is_weak_word

_UUID = re.compile(r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HASH = re.compile(
    r"(?i)(?:(?:sha\d+|md5)[-:$])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56,128})"
    r"|sha\d{3}-[0-9A-Za-z+/]{40,90}={0,2}|\$(?:2[abxy]|argon2\w*|pbkdf2\w*|[156]|scrypt)\$.*|\{SHA\}.*"
)
_WORDS = re.compile(
    r"[A-Za-z]+(?:[._/:-][A-Za-z]+)*[._/:-]?|[A-Z0-9_]+|[a-z0-9_.]+\[?|[a-z]+(?:[A-Z][a-z]+)+\d{0,2}"
)
_CODE = re.compile(r"[;|&]|^[./~]|://|^\w+\.\w+\.|::|\\|^#|^%|^@|^arn:|\(\)$|^\w+\(")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")
_NUMBER = re.compile(r"[vV]?\d[\d.,:x_-]*[A-Za-z%]{0,2}")
_NAMES = re.compile(r"[A-Za-z]+\d?(?:[._/:-]+[A-Za-z]+\d?)+")
_FILE = re.compile(
    r"(?i)\.(?:json|ya?ml|toml|xml|ini|cfg|conf|env|properties|pem|key|crt|cer|pub|p12|pfx|jks"
    r"|txt|md|log|csv|sql|html?|css|py|js|tsx?|jsx|go|java|kt|rb|php|cs|cpp|sh|png|svg)$"
)
_PUBLIC = re.compile(r"AAAA[BCE]3N|ssh-(?:rsa|ed25519)|MIIBIjAN|MFkwEwYH|pk_(?:live|test)_")
_FEW_CHARACTERS = 5


def why_harmless(kind: Kind, text: str) -> str:
    """Return why a generic kind's candidate is no secret, "" where nothing speaks against it."""
    if is_reference(text):
        return "a reference to a variable or a template"
    if is_weak_word(text):
        return "a word that tutorials use"
    if len(set(text)) <= _FEW_CHARACTERS:
        return "too few different characters"
    return why_code(text) if kind.plugin == "keyword" or kind.form == "assigned" else ""


def why_code(text: str) -> str:
    """Return why the value of an assignment is a name, an address or a digest and no secret."""
    for shape, why in (
        (_UUID, "a UUID"),
        (_HASH, "a hash"),
        (_DATE, "a date"),
        (_NUMBER, "a number or a version"),
        (_WORDS, "words or a name"),
        (_NAMES, "words or a name"),
    ):
        if shape.fullmatch(text) is not None:
            return why
    if _PUBLIC.match(text) is not None:
        return "a public key"
    if _FILE.search(text) is not None:
        return "a file's name"
    return "code, a path or an address" if _CODE.search(text) is not None else ""
