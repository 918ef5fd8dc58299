"""Whatever is done to a ledger is found, and by whom: the kept tree, a kept head, a witness outside."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import pytest

from correlate.evidence import canonical, leaf_of
from correlate.ledger_check import Check, Witness, check, disagreement
from correlate.merkle import Growing, rank
from correlate.tree_head import TreeHead
from correlate.verdict import LedgerEntry
from tests.correlate.cast import NOW

Rows = list[tuple[int, str]]
SIZE = 37
SEEDS = range(12)


def entries(count: int = SIZE) -> Rows:
    return [
        (number, canonical(LedgerEntry(NOW, "probe", f"credential {number}", {})))
        for number in range(1, count + 1)
    ]


def tree(rows: Sequence[tuple[int, str]]) -> Rows:
    growing = Growing()
    return [
        (rank(node), made.hex()) for _, text in rows for node, made in growing.add(leaf_of(text))
    ]


def root(rows: Sequence[tuple[int, str]]) -> str:
    growing = Growing()
    for _, text in rows:
        list(growing.add(leaf_of(text)))
    return growing.root().hex()


def seen(name: str, rows: Sequence[tuple[int, str]], size: int) -> Witness:
    head = TreeHead(size, NOW, root(rows[:size]))
    return Witness(name, head, genuine=True, outside=name != "the store")


def numbered(texts: Sequence[str]) -> Rows:
    return list(enumerate(texts, 1))


def change(rows: Rows, place: int) -> Rows:
    fields = json.loads(rows[place][1])
    text = json.dumps({**fields, "what": "another"})
    return [*rows[:place], (place + 1, text), *rows[place + 1 :]]


def drop(rows: Rows, place: int) -> Rows:
    return numbered([text for number, text in rows if number != place + 1])


def leave_a_gap(rows: Rows, place: int) -> Rows:
    return [*rows[:place], *rows[place + 1 :]]


def swap(rows: Rows, place: int) -> Rows:
    texts = [text for _, text in rows]
    other = place - 1 if place else 1
    texts[place], texts[other] = texts[other], texts[place]
    return numbered(texts)


def insert(rows: Rows, place: int) -> Rows:
    texts = [text for _, text in rows]
    return numbered([*texts[:place], canonical(LedgerEntry(NOW, "x", "y", {})), *texts[place:]])


def cut(rows: Rows, place: int) -> Rows:
    return rows[:place]


TAMPERINGS = (change, drop, leave_a_gap, swap, insert, cut)
Tampering = Callable[[Rows, int], Rows]


def first_touched(tampering: Tampering, place: int) -> int:
    """Return the number of the first entry that is not what it was."""
    return min(place, place - 1 if place else 1) + 1 if tampering is swap else place + 1


def test_a_ledger_that_nobody_touched_holds() -> None:
    rows = entries()
    witnesses = [seen("a file", rows, size) for size in (0, 1, 20, SIZE)]
    made = check(rows, tree(rows), witnesses)
    assert made.holds
    assert (made.size, made.root, made.witnesses, made.first) == (SIZE, root(rows), 4, None)


def test_an_empty_ledger_holds() -> None:
    assert check([], [], []).holds


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_the_kept_tree_shows_the_very_entry(tampering: Tampering, seed: int) -> None:
    rows, place = entries(), Random(seed).randrange(SIZE)  # noqa: S311  # a table of places
    made = check(tampering(rows, place), tree(rows), [])
    assert made.first is not None
    assert made.first.first == first_touched(tampering, place)
    assert not made.against


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leaf_rewritten_with_its_entry_is_found_in_its_subtree(seed: int) -> None:
    rows, place = entries(SIZE - 1), Random(seed).randrange(SIZE - 1)  # noqa: S311  # a table of places
    changed = change(rows, place)
    leaf = rank((0, place))
    nodes = [
        (number, leaf_of(changed[place][1]).hex() if number == leaf else made)
        for number, made in tree(rows)
    ]
    found = check(changed, nodes, []).first
    assert found is not None
    assert found.first <= place + 1 <= found.last == found.first + 1


@dataclass
class Stand:
    """A ledger that was tampered with at a random place, its tree rewritten to fit."""

    tampering: Tampering
    seed: int
    before: Rows = field(default_factory=entries)

    def __post_init__(self) -> None:
        draw = Random(self.seed)  # noqa: S311  # a table of places
        self.place = draw.randrange(SIZE - 1)
        self.touched = first_touched(self.tampering, self.place)
        # one head from before what was touched, one from after
        self.sizes = (draw.randint(0, self.touched - 1), draw.randint(self.touched + 1, SIZE))
        self.after = numbered([text for _, text in self.tampering(self.before, self.place)])

    def checked(self, *witnesses: Witness) -> Check:
        return check(self.after, tree(self.after), witnesses)

    def heads(self, name: str, rows: Rows) -> list[Witness]:
        return [seen(name, rows, size) for size in self.sizes]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_a_rewritten_tree_is_shown_by_a_kept_head(tampering: Tampering, seed: int) -> None:
    stand = Stand(tampering, seed)
    assert stand.checked().holds, "nothing in the store itself shows it"
    made = stand.checked(*stand.heads("the store", stand.before))
    assert made.first is not None
    assert (made.first.first, made.first.last) == (stand.sizes[0] + 1, stand.sizes[1])
    assert made.first.first <= stand.touched <= made.first.last
    assert [one.head.size for one in made.against] == [stand.sizes[1]]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_heads_signed_anew_are_shown_by_a_ticket(tampering: Tampering, seed: int) -> None:
    stand = Stand(tampering, seed)
    resigned = [seen("the store", stand.after, min(size, len(stand.after))) for size in stand.sizes]
    assert stand.checked(*resigned).holds, "who has the key can sign what they like"
    ticket = stand.heads("ticket SEC-1 in jira", stand.before)
    made = stand.checked(*resigned, *ticket)
    assert [one.name for one in made.against] == ["ticket SEC-1 in jira"]
    assert made.first is not None
    assert made.first.first <= stand.touched <= made.first.last


def test_the_first_of_several_witnesses_is_named() -> None:
    before = entries()
    after = change(before, 10)
    witnesses = [seen(f"at {size}", before, size) for size in (30, 5, 12, 10, 20)]
    made = check(after, tree(after), witnesses)
    assert [one.name for one in made.against] == ["at 12", "at 20", "at 30"]
    assert made.first is not None
    assert (made.first.first, made.first.last) == (11, 12)


def test_a_head_signed_by_a_stranger_disagrees_though_no_entry_was_changed() -> None:
    rows = entries()
    stranger = Witness("a ticket", TreeHead(9, NOW, root(rows[:9]), "0a1b2c3d"), genuine=False)
    made = check(rows, tree(rows), [stranger])
    assert (made.holds, made.against, made.first) == (False, (stranger,), None)
    assert "0a1b2c3d" in disagreement(stranger, SIZE)


def test_a_ledger_that_was_cut_off_is_told_as_that() -> None:
    rows = entries()
    made = check(rows[:9], tree(rows[:9]), [seen("a ticket", rows, 12)])
    assert disagreement(made.against[0], made.size) == "it saw 12 entries, and the ledger ends at 9"
