"""The one Hyperscan database over all patterns: says which of them may match a text, and where.

Patterns are compiled in prefilter mode (https://intel.github.io/hyperscan/dev-reference/
compilation.html#prefiltering-mode): what it reports is a superset of the true matches, in time
linear to the text. The exact engine decides.
"""

from __future__ import annotations

import binascii
import contextlib
import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple, cast

import hyperscan

from correlate.model import Batch
from detectors.remembered import Remembered

PatternRefused = hyperscan.error  # what it raises for an expression that it cannot hold
# Where matches end, by the id of their expression.
Ends = Mapping[int, Sequence[int]]
Check = Callable[[memoryview, int], object]
_STANDARD = bytes.maketrans(b"-_", b"+/")
_ROOM = 2  # for a line end within the digits


class Expression(NamedTuple):
    """Something to look for. Several may share an `id`; a literal may be looked for in any case."""

    id: int
    text: bytes
    literal: bool = False
    any_case: bool = False
    clues: tuple[Clue, ...] = ()


class Clue(NamedTuple):
    """What a piece of base64 is part of: `digits` of it, from `back` before the piece's end, hold
    `text`. The piece alone is short and turns up by chance.
    """

    back: int
    digits: int
    text: str


class _Clues:
    """The clues of expressions by number, unpacked when one is first asked for: most scans of a
    few texts ask for none, and there are tens of thousands.
    """

    def __init__(self, packed: bytes) -> None:
        self.packed = packed
        self._known: dict[int, Sequence[Clue]] | None = None
        self._reach = 0
        self._answers: Remembered[bool] = Remembered()

    def hold(self, number: int, data: memoryview, end: int) -> bool:
        """Whether one of an expression's clues does; True where it has none."""
        if self._known is None:
            plain = json.loads(self.packed)
            self._known = {number: [Clue(*clue) for clue in told] for number, told in plain}
            all_told = [clue for told in self._known.values() for clue in told]
            self._reach = max((_ROOM + clue.back + clue.digits for clue in all_told), default=0)
        told = self._known.get(number)
        if told is None:
            return True
        before = bytes(data[max(0, end - self._reach) : end])
        after = bytes(data[end : end + self._reach])
        answer = self._answers.get(number, before, after)
        if answer is not None:
            return answer
        held = any(_holds(clue, data, end) for clue in told)
        return self._answers.put(held, number, before, after)


class Prefilter:
    """Where expressions may match. One instance serves one thread (it owns its scratch)."""

    __slots__ = ("_clued", "_clues", "_database", "_ids")

    def __init__(
        self, expressions: Callable[[], Sequence[Expression]], serialised: bytes | None = None
    ) -> None:
        loaded = _loaded(serialised)
        if loaded is None:
            wanted = expressions()
            ids = [item.id for item in wanted]
            clued = frozenset(item.id for item in wanted if item.clues)
            loaded = _compiled(wanted), ids, _clues(wanted), clued
        self._database, self._ids, self._clues, self._clued = loaded

    def ends(self, data: bytes, checks: Sequence[Check | None] = ()) -> Ends:
        """Return the ids of the expressions that may match `data`, with the ends of matches.

        `checks` are as for `screen`.
        """
        found: dict[int, list[int]] = {}
        ids, clues, clued, view = self._ids, self._clues, self._clued, memoryview(data)

        def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            which = ids[index]
            check = checks[which] if checks else None
            if check is not None and not check(view, end):
                return
            if which in clued and not clues.hold(index, view, end):
                return
            found.setdefault(which, []).append(end)

        self._database.scan(data, note)
        return found

    def screen(self, batch: Batch, checks: Sequence[Check | None]) -> Iterator[tuple[int, Ends]]:
        """Yield the numbers of the documents of a batch that hold matches, with their `ends`.

        `checks`, by id, say of a match's end whether it is one for sure; None: that is not
        told at one look.
        """
        starts, ends, data = batch.starts, batch.ends, batch.data
        ids, clues, clued = self._ids, self._clues, self._clued
        found: dict[int, dict[int, list[int]]] = {}
        number, begin, stop = -1, 0, -1

        def note(index: int, _start: int, end: int, _flags: int, _context: object) -> None:
            nonlocal number, begin, stop
            which = ids[index]
            check = checks[which]
            if check is not None and not check(data, end):
                return
            if which in clued and not clues.hold(index, data, end):
                return
            if not begin < end <= stop:
                number = bisect_right(starts, end - 1) - 1
                if number < 0 or end > ends[number]:
                    stop = -1  # it ends in what stands between two documents
                    return
                begin, stop = starts[number], ends[number]
            found.setdefault(number, {}).setdefault(which, []).append(end - begin)

        self._database.scan(cast("bytes", data), note)  # any buffer will do
        return ((number, found[number]) for number in sorted(found))

    def serialised(self) -> bytes:
        """Return the compiled database. It fits only this machine's sort of processor."""
        runs = [[which, len(list(run))] for which, run in groupby(self._ids)]
        head = json.dumps([runs, sorted(self._clued)]).encode()
        return b"\n".join([head, self._clues.packed, hyperscan.dumpb(self._database)])


def _compiled(expressions: Sequence[Expression]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[_written(item) for item in expressions],
        # each its own: thousands of one id take minutes
        ids=list(range(len(expressions))),
        elements=len(expressions),
        flags=[_flags(item) for item in expressions],
    )
    database.scratch = hyperscan.Scratch(database)
    return database


def _written(item: Expression) -> bytes:
    return b"".join(b"\\x%02x" % byte for byte in item.text) if item.literal else item.text


def _flags(item: Expression) -> int:
    flags = 0 if item.literal else hyperscan.HS_FLAG_PREFILTER
    return int(flags | (hyperscan.HS_FLAG_CASELESS if item.any_case else 0))


def _clues(expressions: Sequence[Expression]) -> _Clues:
    told = [(number, item.clues) for number, item in enumerate(expressions) if item.clues]
    return _Clues(json.dumps(told).encode())


def _holds(clue: Clue, data: memoryview, end: int) -> bool:
    """Whether the text is there; up to two characters of a line end may stand in the digits."""
    for start in range(end - clue.back, end - clue.back - _ROOM - 1, -1):
        piece = bytes(data[max(start, 0) : start + clue.digits + _ROOM])
        if start < end - clue.back and b"\n" not in piece:
            return False
        digits = piece.translate(_STANDARD, b"\r\n")[: clue.digits]
        with contextlib.suppress(binascii.Error):
            if clue.text.encode() in binascii.a2b_base64(digits):
                return True
    return False


def _loaded(
    serialised: bytes | None,
) -> tuple[hyperscan.Database, list[int], _Clues, frozenset[int]] | None:
    """Return the database, or None where there is none or it is of another processor or version."""
    if serialised is None:
        return None
    head, _, rest = serialised.partition(b"\n")
    clues, _, body = rest.partition(b"\n")
    try:
        runs, clued = json.loads(head)
        database = hyperscan.loadb(body, hyperscan.HS_MODE_BLOCK)
        database.scratch = hyperscan.Scratch(database)
        ids = [which for which, count in runs for _ in range(count)]
        return database, ids, _Clues(clues), frozenset(clued)
    except (hyperscan.error, ValueError, TypeError):
        return None
