"""The curve is that of the textbooks and of two statistics packages, and keeps the laws of one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.survival import Quantile, Step, quantile, survival, thinned

# Weeks of remission under 6-mercaptopurine; -: still in remission. E. J. Freireich and others, Blood 21
# (1963) 699, the example of most textbooks.
LEUKAEMIA = "6 6 6 6- 7 9- 10 10- 11- 13 16 17- 19- 20- 22 23 25- 32- 32- 34- 35-"
# Share and 95 % limits as SciPy 1.17.1 (stats.ecdf, log-log) and lifelines 0.30.3 give them alike.
OF_LEUKAEMIA = [
    (6, 0.857143, 0.619718, 0.951552), (7, 0.806723, 0.563147, 0.922809),
    (10, 0.752941, 0.503200, 0.889362), (13, 0.690196, 0.431610, 0.849066),
    (16, 0.627451, 0.367511, 0.804912), (22, 0.537815, 0.267779, 0.746791),
    (23, 0.448179, 0.188052, 0.680143),
]  # fmt: skip
# Forty drawn by lot, that reach the end of the curve; by the same two.
DRAWN = (
    "21- 31- 17- 27 6 102 0- 84 17 9 16 9 27 32- 57 7- 94 22- 10- 27- 2 2 37 23 66 14- 16 35- 16 "
    "1- 9- 30 19- 42- 0- 27 8 11 92- 42"
)
OF_DRAWN = [
    (2, 0.945946, 0.800729, 0.986201), (6, 0.918919, 0.769308, 0.973106),
    (8, 0.891073, 0.735225, 0.957678), (9, 0.835381, 0.669619, 0.922498),
    (11, 0.805546, 0.634424, 0.902347), (16, 0.712598, 0.530263, 0.834452),
    (17, 0.681616, 0.497660, 0.810161), (23, 0.643748, 0.455300, 0.781483),
    (27, 0.530146, 0.339712, 0.688659), (30, 0.489365, 0.300407, 0.653983),
    (37, 0.434991, 0.244496, 0.611434), (42, 0.380617, 0.194348, 0.565746),
    (57, 0.317181, 0.138652, 0.513064), (66, 0.253745, 0.091613, 0.455259),
    (84, 0.190309, 0.052890, 0.392030), (94, 0.095154, 0.008197, 0.316073),
]  # fmt: skip

SEEN = st.lists(st.tuples(st.integers(0, 30).map(float), st.booleans()), max_size=60)


def seen(text: str) -> list[tuple[float, bool]]:
    return [(float(word.strip("-")), not word.endswith("-")) for word in text.split()]


@pytest.mark.parametrize(
    ("text", "wanted"), [(LEUKAEMIA, OF_LEUKAEMIA), (DRAWN, OF_DRAWN)], ids=["known", "drawn"]
)
def test_the_curve_and_its_band_are_those_of_others(
    text: str, wanted: list[tuple[float, ...]]
) -> None:
    steps = survival(seen(text))
    for step, known in zip(steps, wanted, strict=False):
        assert (step.day, step.share, step.low, step.high) == pytest.approx(known, abs=1e-6)
    assert len(steps) >= len(wanted)


@pytest.mark.parametrize(
    ("text", "ended", "wanted"),
    [
        (LEUKAEMIA, 0.5, Quantile(23, 13, None)),
        (LEUKAEMIA, 0.9, Quantile(None, None, None)),
        (DRAWN, 0.5, Quantile(30, 17, 66)),
        (DRAWN, 0.9, Quantile(94, 66, None)),
        ("", 0.5, Quantile(None, None, None)),
        ("1 2 3 4 5 6 7 8 9 10", 0.5, Quantile(5, 1, 8)),
    ],
)
def test_the_quantiles_and_their_limits_are_those_of_others(
    text: str, ended: float, wanted: Quantile
) -> None:
    assert quantile(survival(seen(text)), ended) == wanted


def test_where_the_curve_has_come_to_nothing_the_band_has_no_edges() -> None:
    last = survival(seen(DRAWN))[-1]
    assert (last.day, last.share, last.low, last.high) == (102, 0.0, None, None)


@given(SEEN)
def test_it_only_falls_and_stays_within_its_band(pairs: list[tuple[float, bool]]) -> None:
    steps = survival(pairs)
    assert [one.day for one in steps] == sorted({day for day, ended in pairs if ended})
    shares = [1.0, *(one.share for one in steps)]
    assert all(after < before for before, after in pairwise(shares))
    for one in steps:
        if one.low is not None and one.high is not None:
            assert 0 <= one.low <= one.share <= one.high <= 1


@given(st.lists(st.integers(0, 30).map(float), min_size=1, max_size=60))
def test_where_all_were_seen_to_end_it_is_the_plain_share(days: list[float]) -> None:
    for one in survival((day, True) for day in days):
        left = sum(1 for day in days if day > one.day)
        assert one.share == pytest.approx(left / len(days))


@given(SEEN)
def test_the_order_does_not_count_and_followed_to_day_0_is_nothing(
    pairs: list[tuple[float, bool]],
) -> None:
    pairs = [(day + 1, ended) for day, ended in pairs]
    shuffled = [(0.0, False), *reversed(pairs)]
    assert [(one.day, one.at_risk, one.share) for one in survival(shuffled)] == [
        (one.day, one.at_risk, one.share) for one in survival(pairs)
    ]


@given(st.integers(0, 40), st.integers(1, 12))
def test_a_thinned_curve_keeps_its_end(many: int, most: int) -> None:
    steps = survival((float(day), True) for day in range(many))
    few = thinned(steps, most)
    assert len(few) == min(many, most)
    assert few[-1:] == steps[-1:]
    assert list(few) == sorted(set(few), key=_day)


def _day(step: Step) -> float:
    return step.day
