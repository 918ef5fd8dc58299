"""What a rule pack gives: its rules as Kinds, and a reason for each that is not taken."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from correlate.kind import Kind
from correlate.model import KindId
from detectors.packs.dialect import Flavour, Translated, Unsayable, translate
from detectors.packs.exact import compiled, problem

_ID_MOST = 100
_TEXT_MOST = 200


class NotTaken(Exception):
    """A rule cannot be taken; its text is the reason, in a few plain words."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A rule that is not taken."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What is not done as the pack says. `rule` is empty where it holds for the whole pack."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Pack:
    """The rules of one file or folder. Each is in `kinds` or in `refused`, never in both."""

    name: str
    kinds: tuple[Kind, ...] = ()
    refused: tuple[Refusal, ...] = ()
    remarks: tuple[Remark, ...] = ()


def joined(name: str, packs: Iterable[Pack]) -> Pack:
    """Return one pack of all, in their order. Of kinds with one id, the later get a number."""
    kinds: list[Kind] = []
    refused: list[Refusal] = []
    remarks: list[Remark] = []
    for pack in packs:
        kinds += pack.kinds
        refused += pack.refused
        remarks += pack.remarks
    return Pack(name, _apart(kinds), tuple(refused), tuple(dict.fromkeys(remarks)))


def kind_id(pack: str, rule: str) -> KindId:
    """Return the id of a pack's rule as a Kind: lower-case letters, digits and underscores."""
    return KindId(f"pack_{_folded(pack)}_{_folded(rule)}"[:_ID_MOST].rstrip("_"))


def pattern_of(text: str, flavour: Flavour, flags: str = "") -> Translated:
    """Return a rule's pattern in our dialect. Raises NotTaken."""
    try:
        made = translate(text, flavour, flags)
    except Unsayable as error:
        raise NotTaken(str(error)) from None
    reason = problem(made.pattern)
    if reason:
        raise NotTaken(reason)
    return made


def allow_pattern(text: str, told: list[str]) -> str:
    """Return a pattern of an allow-list in our dialect, or nothing, and then tell why."""
    try:
        pattern = translate(text, Flavour.GO).pattern
        compiled(pattern)
    except ValueError as error:
        told.append(f"an allow-list's pattern is not applied: {error}")
        return ""
    return pattern


def above(floor: float) -> float:
    """Return the entropy from which a candidate is kept, where the pack drops all up to `floor`."""
    return math.nextafter(floor, math.inf) if floor else 0.0


def bounded(text: object) -> str:
    """Return a name or description of a pack as one line of at most 200 characters."""
    return " ".join(str(text).split())[:_TEXT_MOST]


def _folded(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "unnamed"


def _apart(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    seen: Counter[str] = Counter()
    made = []
    for kind in kinds:
        seen[kind.id] += 1
        number = seen[kind.id]
        made.append(kind if number == 1 else replace(kind, id=KindId(f"{kind.id}_{number}")))
    return tuple(made)
