"""Lines between a scan child and its supervisor: JSON, one fact a line, never a plaintext."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from correlate.codec import decode, encode
from correlate.model import Exposure, Skip
from correlate.ports import ScanUnit


@dataclass(frozen=True, slots=True)
class At:
    """The item that is looked at from now on: if the child dies, this one is why. "": none is,
    the source is read.
    """

    item: str


@dataclass(frozen=True, slots=True)
class Done:
    """The last line of a unit that was read to its end. `dropped` counts look-alikes by reason."""

    items: tuple[str, ...]
    bytes: int
    seconds: float
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """The last line of a unit that was not."""

    reason: str


Line = Exposure | Skip | At | Done | Failed | ScanUnit
_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Exposure, Skip, At, Done, Failed, ScanUnit)
}


def to_line(value: Line) -> bytes:
    """Return the value as one line. A Secret in it is refused with TypeError."""
    text = json.dumps({type(value).__name__: encode(value)}, separators=(",", ":"))
    return text.encode() + b"\n"


def from_line(line: bytes) -> Line:
    """Return the value of a line. Raises ValueError for anything else."""
    plain = json.loads(line)
    if not isinstance(plain, dict) or len(plain) != 1:
        raise ValueError("not a line of ours")
    ((name, fields),) = plain.items()
    if name not in _TYPES:
        raise ValueError("not a line of ours")
    value: Line = decode(_TYPES[name], fields)
    return value
