"""What a token says of itself, offline and without giving the secret away."""

from __future__ import annotations

from collections.abc import Mapping

from correlate.kind import Kind
from detectors.checksums import holds
from detectors.forms.known import form_of

_LONGEST_FACT = 200


def facts(kind: Kind, text: str) -> Mapping[str, str]:
    """Return named facts, empty where the token says nothing."""
    found: dict[str, str] = {}
    if kind.checksum and not kind.checksum_certain:
        found["checksum"] = "holds" if holds(kind.checksum, text) else "does not hold"
    found |= form_of(kind).facts(text)
    return {key: value[:_LONGEST_FACT] for key, value in found.items()}
