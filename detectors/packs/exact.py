r"""The exact engine of a pack's pattern: RE2, or Python's `re` where the pattern bounds its time.

A stranger's pattern meets hostile text, and `re` backtracks. RE2 (https://github.com/google/re2)
takes time linear to the text for every pattern it compiles; it refuses look-around and counts
above 1000. Such a pattern goes to `re` only if a match has a longest length and no repetition in
it repeats another of varying length; else it is refused.

How the two compare, over bytes (tests/detectors/packs/test_exact.py holds them to it):

- RE2 is told that a byte is a character (Latin-1), so that its places are places in the bytes.
- Matches agree: `span`, `group`, `m[1]`; a group that took no part has the span (-1, -1).
- With `pos` both see what stands before it: `^` and `\b` do not take it for the beginning.
- With `endpos` they differ: `re` takes it for the end of the text, RE2 looks beyond it, so that
  `$` and `\b` there judge by the whole text. A window therefore finds fewer false ends in RE2.
- `$` is the very end in RE2; in `re` it also stands before a last newline.
- `\s` leaves out the vertical tab in RE2.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import Any, Protocol

import re2

LONGEST = 8192  # bytes that a match by `re` may span
_REMEMBERED = 1 << 14
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_OPTIONS = re2.Options()
_OPTIONS.encoding = re2.Options.Encoding.LATIN1
_OPTIONS.log_errors = False  # they are returned
_OPTIONS.max_mem = 64 << 20  # its default of 8 MB is too little for counts of hundreds


class Exact(Protocol):
    """A compiled pattern. What it yields has `span`, `start`, `end` and `[group]`, as `re`'s."""

    @property
    def groups(self) -> int:
        """How many groups it has."""

    def finditer(self, string: bytes, pos: int = ..., endpos: int = ..., /) -> Any:
        """Yield each match, from left to right."""

    def search(self, string: bytes, /) -> Any:
        """Return the first match, or None."""

    def match(self, string: bytes, pos: int = ..., endpos: int = ..., /) -> Any:
        """Return the match that begins at `pos`, or None."""


def compiled(pattern: str) -> Exact:
    """Return the pattern of our dialect, ready. Raises ValueError with the reason.

    It may match an empty text, which an allowance may and a rule must not: `problem` tells.
    """
    engine, reason = _engine(pattern)
    if engine is None:
        raise ValueError(reason)
    return engine


def mechanism(pattern: str) -> str:
    """Return what confirms the pattern, "re2" or "re". Raises ValueError as `compiled`."""
    return "re" if isinstance(compiled(pattern), re.Pattern) else "re2"


@lru_cache(maxsize=_REMEMBERED)
def problem(pattern: str) -> str:
    """Return why the pattern cannot find credentials, or nothing when it can."""
    engine, reason = _engine(pattern)
    if engine is None:
        return reason
    # such a place is no credential, and Hyperscan refuses the pattern
    empty = any(match.start() == match.end() for match in engine.finditer(b" a-"))
    return "it matches an empty text" if empty else ""


@lru_cache(maxsize=_REMEMBERED)
def _engine(pattern: str) -> tuple[Exact | None, str]:
    data = pattern.encode()
    try:
        fast: Exact = re2.compile(data, _OPTIONS)
    except re2.error:
        return _bounded(data)
    return fast, ""


def _bounded(data: bytes) -> tuple[Exact | None, str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            slow: Any = re.compile(data)
            tree: Any = re._parser.parse(data)  # type: ignore[attr-defined]  # noqa: SLF001  # no public way
    except (re.error, RecursionError, OverflowError, Warning) as error:
        return None, f"it does not compile: {str(error)[:100]}"
    if tree.getwidth()[1] > LONGEST or _looks_far(tree):
        return None, "it can take quadratic time"
    if _nests(tree):
        return None, "it can take exponential time"
    return slow, ""


def _looks_far(tree: Any) -> bool:
    """Whether it repeats without bound, also where it only looks ahead, which has no width."""
    return any(
        (str(name) in _REPEATS and value[1] > LONGEST) or any(map(_looks_far, _parts(name, value)))
        for name, value in tree
    )


def _nests(tree: Any, *, within: bool = False) -> bool:
    """Whether a repetition holds another whose length varies, or a choice."""
    for name, value in tree:
        repeats = str(name) in _REPEATS
        varies = repeats and value[0] != value[1]
        if within and (varies or str(name) == "BRANCH"):
            return True
        many = repeats and value[1] > 1
        if any(_nests(part, within=within or many) for part in _parts(name, value)):
            return True
    return False


def _parts(name: Any, value: Any) -> list[Any]:
    """The patterns within a node of `re`'s own tree."""
    if str(name) == "BRANCH":
        return list(value[1])
    if str(name) in (*_REPEATS, "SUBPATTERN", "ASSERT", "ASSERT_NOT"):
        return [value[-1]]
    return []
