from __future__ import annotations

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Grade, Kind
from correlate.model import KindId
from detectors.pattern import token_pattern
from detectors.precedence import Hit, Rank, best, rank_of
from detectors.spans import Span


def kind(name: str, **fields: object) -> Kind:
    made = Kind(KindId(name), "acme", "Acme", "(a)", ("acme",), "s", "e")
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]


TOKEN, OTHER = kind("token"), kind("other")
PLACE = kind("place", gives_way=True)
NAMED = kind("named", pattern=token_pattern("[0-9]{4}", ["acme"]))
PACK = kind("pack", pack="mine")
GENERIC = kind("generic", grade=Grade.GENERIC)
COVERS = kind("whole", covers=("token",))
LONG = kind("aaa", anchors=("acme_longer",))
PAIR = kind("pair", partner="(b)")
KINDS = [TOKEN, OTHER, PLACE, NAMED, PACK, GENERIC, COVERS, LONG, PAIR]


def hit(of: Kind, start: int, end: int, dropped: str = "", other: tuple[int, int] = (0, 0)) -> Hit:
    whole = (max(0, start - 2), end)
    return Hit(of, Span(start, end, b"", whole, other), start, "", "", dropped)


def test_ranks() -> None:
    assert [rank_of(k) for k in (TOKEN, PLACE, NAMED, PACK, GENERIC)] == [
        Rank.TOKEN,
        Rank.PLACE,
        Rank.PLACE,
        Rank.PACK,
        Rank.GENERIC,
    ]


@pytest.mark.parametrize("worse", [PLACE, NAMED, PACK, GENERIC])
def test_a_kind_that_knows_better_takes_the_place(worse: Kind) -> None:
    good, bad = hit(TOKEN, 10, 20), hit(worse, 19, 30)
    assert best([good, bad]) == [good]
    apart = hit(worse, 20, 30)
    assert best([good, apart]) == [good, apart]


def test_a_look_alike_takes_nobodys_place() -> None:
    hits = [hit(TOKEN, 10, 20, "a placeholder"), hit(GENERIC, 10, 20)]
    assert best(hits) == hits


def test_both_halves_of_a_pair_take_their_places() -> None:
    pair = hit(PAIR, 10, 20, other=(40, 50))
    assert best([pair, hit(GENERIC, 15, 16), hit(GENERIC, 45, 60)]) == [pair]
    token = hit(TOKEN, 45, 60)
    assert best(
        [hit(dataclasses.replace(PAIR, gives_way=True), 10, 20, other=(40, 50)), token]
    ) == [token]


def test_what_a_match_covers_is_part_of_it() -> None:
    whole = hit(COVERS, 10, 50)
    inside, beyond, other = hit(TOKEN, 20, 30), hit(TOKEN, 40, 60), hit(OTHER, 20, 30)
    assert best([whole, inside, beyond, other]) == [whole, beyond, other]


def test_of_two_claims_to_one_value_the_longer_anchor_wins_else_the_first() -> None:
    assert best([hit(TOKEN, 10, 20), hit(LONG, 10, 20)]) == [hit(LONG, 10, 20)]
    assert best([hit(TOKEN, 10, 20), hit(OTHER, 10, 20)]) == [hit(OTHER, 10, 20)]
    overlapping = [hit(TOKEN, 10, 20), hit(LONG, 10, 21)]
    assert best(overlapping) == overlapping


HITS = st.builds(
    lambda of, start, size, dropped, other: hit(of, start, start + size, dropped, other),
    st.sampled_from(KINDS),
    st.integers(0, 30),
    st.integers(1, 12),
    st.sampled_from(["", "", "a placeholder"]),
    st.sampled_from([(0, 0), (5, 9), (20, 25)]),
)


@given(hits=st.lists(HITS, max_size=12), seed=st.integers())
def test_the_result_never_depends_on_the_order_of_hits(hits: list[Hit], seed: int) -> None:
    shuffled = list(hits)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # no secret
    assert sorted(map(repr, best(hits))) == sorted(map(repr, best(shuffled)))


@given(hits=st.lists(HITS, max_size=12))
def test_of_hits_that_hold_something_stays(hits: list[Hit]) -> None:
    sure = [h for h in hits if not h.dropped]
    assert bool(sure) <= bool([h for h in best(hits) if not h.dropped])
