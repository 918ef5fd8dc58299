"""The Merkle tree of RFC 9162 over a log: its root at any size, and proofs that nobody has to trust.

https://www.rfc-editor.org/rfc/rfc9162.html, section 2.1. A subtree is named by its level (a leaf has 0)
and its place among the subtrees of that level; only whole ones, of 2**level leaves, are ever kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256().digest()
Node = tuple[int, int]  # level, place
Hashes = Callable[[Iterable[Node]], Mapping[Node, bytes]]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbouring subtrees as one."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def rank(node: Node) -> int:
    """Return how many subtrees, leaves included, were whole before this one was, in a log that grew."""
    level, place = node
    last = ((place + 1) << level) - 1  # the leaf that made it whole
    return 2 * last - last.bit_count() + level


def whole(first: int, end: int) -> list[Node]:
    """Return the largest whole subtrees that the leaves `first` to `end` (without it) fall into."""
    found = []
    while first < end:
        level = (end - first).bit_length() - 1
        if first:
            level = min(level, (first & -first).bit_length() - 1)
        found.append((level, first >> level))
        first += 1 << level
    return found


@dataclass(slots=True)
class Growing:
    """The right edge of a tree of `size` leaves: all that is needed to add to it. `edge` holds the hashes
    of the largest whole subtrees, the left one first.
    """

    size: int = 0
    edge: list[bytes] = field(default_factory=list)

    def add(self, leaf: bytes) -> Iterator[tuple[Node, bytes]]:
        """Add a leaf's hash; yield every subtree that it makes whole, the leaf first."""
        level, place, made = 0, self.size, leaf
        yield (level, place), made
        while place & 1:
            made = node_hash(self.edge.pop(), made)
            level, place = level + 1, place >> 1
            yield (level, place), made
        self.edge.append(made)
        self.size += 1

    def root(self) -> bytes:
        """Return the tree's root as it is now."""
        return _folded(self.edge)


def root_at(size: int, hashes: Hashes) -> bytes:
    """Return the root that the tree had when it was of this size."""
    nodes = whole(0, size)
    found = hashes(nodes)
    return _folded([found[node] for node in nodes])


def prove_inclusion(place: int, size: int, hashes: Hashes) -> list[bytes]:
    """Return the proof that the leaf at `place` is in the tree of this size (RFC 9162, 2.1.3.1).

    Raises ValueError where there is no such leaf.
    """
    if not 0 <= place < size:
        raise ValueError("no such leaf")
    return _joined(_siblings(place, size), hashes)


def prove_consistency(old: int, new: int, hashes: Hashes) -> list[bytes]:
    """Return the proof that the tree of `new` leaves only adds to that of `old` (RFC 9162, 2.1.4.1).

    Raises ValueError where the one is no part of the other.
    """
    if not 0 < old <= new:
        raise ValueError("no such trees")
    return _joined(_kept(old, new), hashes)


def includes(root: bytes, size: int, leaf: bytes, place: int, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows the leaf at `place` under the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    number, last, made = place, size - 1, leaf
    for one in proof:
        if not last:
            return False
        if number & 1 or number == last:
            made = node_hash(one, made)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            made = node_hash(made, one)
        number, last = number >> 1, last >> 1
    return last == 0 and made == root


def extends(old_root: bytes, old: int, new_root: bytes, new: int, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that the new tree only adds to the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = path[0]
    for one in path[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            before, after = node_hash(one, before), node_hash(one, after)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            after = node_hash(after, one)
        number, last = number >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _folded(edge: Sequence[bytes]) -> bytes:
    """Return the hash of neighbouring whole subtrees, the largest first, as one."""
    if not edge:
        return EMPTY
    made = edge[-1]
    for left in reversed(edge[:-1]):
        made = node_hash(left, made)
    return made


def _joined(ranges: Sequence[tuple[int, int]], hashes: Hashes) -> list[bytes]:
    parts = [whole(first, end) for first, end in ranges]
    found = hashes([node for nodes in parts for node in nodes])
    return [_folded([found[node] for node in nodes]) for nodes in parts]


def _split(first: int, end: int) -> int:
    """Return where the tree over these leaves parts: after the largest power of two below their number."""
    return first + (1 << (end - first - 1).bit_length() - 1)


def _siblings(place: int, size: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves beside the way from the leaf to the root, from the leaf up."""
    first, end, found = 0, size, []
    while end - first > 1:
        middle = _split(first, end)
        if place < middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    return found[::-1]


def _kept(old: int, new: int) -> list[tuple[int, int]]:
    """Return the ranges of leaves of a consistency proof, in its order (SUBPROOF)."""
    first, end, found = 0, new, []
    while end != old:
        middle = _split(first, end)
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((first, middle))
            first = middle
    if first:  # else the old tree is a whole subtree, whose root is known
        found.append((first, end))
    return found[::-1]
