"""Which group of a pattern is the secret, where a pack does not say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from detectors.packs.pack import NotTaken

# What a group's name says of it, the surest first.
_SECRET_NAMES = ("token", "secret", "password", "passwd", "key")
_PAIR = 2


@dataclass(frozen=True, slots=True)
class Chosen:
    """The group for `Kind.secret_group`, and a remark where it was a choice."""

    group: int
    remark: str = ""


def choose(pattern: str, names: Sequence[str]) -> Chosen:
    """Return the group named for a secret (as Titus does), else the first that has a name.

    Without names it is the only group that every match has, the second of two (user and
    password, id and secret), or, of alternatives, the one that took part. Raises NotTaken for
    more, which may be anything.
    """
    if any(names):
        return _named(names)
    found = _Groups()
    _walk(re._parser.parse(pattern.encode()), found)  # type: ignore[attr-defined]  # noqa: SLF001  # no public way
    if not found.certain:
        return Chosen(0)
    if len(found.certain) == 1 and not found.chosen:
        return Chosen(found.certain[0])
    if len(found.certain) == _PAIR and not found.chosen:
        return Chosen(found.certain[1], "of its two groups the second is taken for the secret")
    raise NotTaken("it does not say which of its groups is the secret")


def _named(names: Sequence[str]) -> Chosen:
    named = [(number, name) for number, name in enumerate(names, 1) if name]
    likely = [
        (number, name)
        for word in _SECRET_NAMES
        for number, name in named
        if word in name.lower() and not name.lower().endswith("id")
    ]
    group, name = (likely or named)[0]
    told = f"of its several groups the one named {name[:40]} is taken for the secret"
    return Chosen(group, told if len(names) > 1 else "")


@dataclass(frozen=True, slots=True)
class _Groups:
    """The outermost groups: those that every match has, and those of one alternative."""

    certain: list[int] = field(default_factory=list)
    chosen: list[int] = field(default_factory=list)


def _walk(tree: Any, found: _Groups, *, certain: bool = True) -> None:
    for name, value in tree:
        match str(name):
            case "SUBPATTERN" if value[0] is not None:
                (found.certain if certain else found.chosen).append(value[0])
            case "SUBPATTERN":
                _walk(value[-1], found, certain=certain)
            case "BRANCH":
                for part in value[1]:
                    _walk(part, found, certain=False)
            case "MAX_REPEAT" | "MIN_REPEAT" if value[0]:  # what may be missing is no secret
                _walk(value[-1], found, certain=certain)
