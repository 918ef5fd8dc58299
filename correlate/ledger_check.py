"""Whether a ledger is still what its tree, its signed heads and its witnesses say that it was.

The tree is made anew from the entries. The kept tree shows where an entry was changed; who rewrote that
too is shown by a head, and who signed the heads anew by a head that stands where they could not write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from correlate.evidence import leaf_of
from correlate.merkle import Growing, Node, rank
from correlate.tree_head import TreeHead


@dataclass(frozen=True, slots=True)
class Witness:
    """A head and where it was found. `genuine`: its signature is of a key that is known to be ours.
    `outside`: it was not in the store, so that who writes there could not put another in its place.
    `stamped_at`: when it existed by the word of a time-stamping authority. `fault`: why it is not genuine,
    where that is not the signature.
    """

    name: str
    head: TreeHead
    genuine: bool
    outside: bool = True
    stamped_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """That an entry between `first` and `last` is not what it was, and what shows it."""

    first: int
    last: int
    why: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a ledger of `size` entries comes to. `fault` is the first of the kept tree; `against` are the
    witnesses that disagree, of the smallest tree first; `differs` is the first of them that saw other
    entries, and `agreed` the size that the last witness before it vouches for.
    """

    size: int
    root: str
    witnesses: int
    fault: Fault | None = None
    against: tuple[Witness, ...] = ()
    differs: Witness | None = None
    agreed: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing disagrees."""
        return self.fault is None and not self.against

    @property
    def first(self) -> Fault | None:
        """The first entry that is not what it was, as narrowly as can be told."""
        if self.fault is not None or self.differs is None:
            return self.fault
        return Fault(self.agreed + 1, self.differs.head.size, "it is not what a witness saw")


def existed(witness: Witness) -> str:
    """Return in words by when a stamped head existed, empty for one that is not stamped."""
    if witness.stamped_at is None:
        return ""
    return f"the first {witness.head.size} entries existed by {witness.stamped_at:%Y-%m-%d %H:%M:%S} UTC"


def disagreement(witness: Witness, size: int) -> str:
    """Return in words why a witness disagrees with a ledger of this size."""
    if witness.head.size > size:
        return f"it saw {witness.head.size} entries, and the ledger ends at {size}"
    if witness.fault:
        return witness.fault
    if not witness.genuine:
        return f"its signature does not hold with any key of ours (it names {witness.head.key})"
    return f"its first {witness.head.size} entries were others"


def check(
    entries: Iterable[tuple[int, str]], nodes: Iterable[tuple[int, str]], seen: Sequence[Witness]
) -> Check:
    """Return what (number, text) of all entries, (rank, hash) of the kept tree and the witnesses say of
    one another. Entries and tree are read once, in order, and not held.
    """
    seen = sorted(seen, key=lambda one: one.head.size)
    growing, kept = Growing(), _Kept(nodes)
    roots = _Roots(seen)
    roots.note(growing)
    for number, text in entries:
        made = list(growing.add(leaf_of(text)))
        if kept.fault is None:
            kept.compare(number, made)
        roots.note(growing)
    kept.end(growing.size)
    against = tuple(one for one in seen if not one.genuine or not roots.agree(one))
    differs = next((one for one in against if not roots.agree(one)), None)
    agreed = 0
    if differs is not None:
        # beside one from outside, those of the store vouch for nothing: they may be signed anew, and
        # be stamped anew, but not with a time that is past
        firm = differs.outside or differs.stamped_at is not None
        trusted = (one for one in seen if roots.agree(one) and one.outside >= firm)
        sizes = (one.head.size for one in trusted if one.head.size < differs.head.size)
        agreed = max(sizes, default=0)
    root = growing.root().hex()
    return Check(growing.size, root, len(seen), kept.fault, against, differs, agreed)


class _Kept:
    """The tree as it is kept, compared with the one that is made."""

    def __init__(self, nodes: Iterable[tuple[int, str]]) -> None:
        self._nodes: Iterator[tuple[int, str]] = iter(nodes)
        self.fault: Fault | None = None

    def compare(self, number: int, made: Sequence[tuple[Node, bytes]]) -> None:
        expected = made[0][0][1] + 1
        if number != expected:
            self.fault = Fault(expected, expected, "it is gone")
            return
        for (level, place), hash_ in made:
            if next(self._nodes, None) != (rank((level, place)), hash_.hex()):
                first, last = (place << level) + 1, (place + 1) << level
                why = "it is not what the kept tree holds" if level else "it does not fit its leaf"
                self.fault = Fault(first, last, why)
                return

    def end(self, size: int) -> None:
        if self.fault is None and next(self._nodes, None) is not None:
            self.fault = Fault(size + 1, size + 1, "it is gone, though the kept tree goes on")


class _Roots:
    """The roots of the tree at the sizes that witnesses speak of."""

    def __init__(self, seen: Sequence[Witness]) -> None:
        self._wanted = {one.head.size for one in seen}
        self._roots: dict[int, str] = {}

    def note(self, growing: Growing) -> None:
        if growing.size in self._wanted:
            self._roots[growing.size] = growing.root().hex()

    def agree(self, witness: Witness) -> bool:
        return self._roots.get(witness.head.size) == witness.head.root
