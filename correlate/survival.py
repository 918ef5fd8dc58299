"""How long credentials outlive their persons: the Kaplan-Meier curve, with its band and its quantiles.

The curve is the product-limit estimate of Kaplan and Meier (1958, https://doi.org/10.1080/01621459.1958.10501452).
Its band is pointwise, at 95 %: Greenwood's variance on the log(-log) scale, which stays between 0 and 1
(https://rdrr.io/cran/survival/man/survfit_confint.html). The limits of a quantile are where the band's edges
cross it (Brookmeyer and Crowley 1982, https://doi.org/10.2307/2530286). The band takes credentials for
independent; those of one person often end together, so that the truth may be wider.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, log, sqrt
from operator import itemgetter

_Z = 1.959963984540054  # the normal distribution's 97.5 % point


@dataclass(frozen=True, slots=True)
class Step:
    """Where the curve falls: at `day`, of so many `at_risk`, so many `ended`, and the `share` that
    lives on, between `low` and `high`. Both are None where nothing is left to estimate from.
    """

    day: float
    at_risk: int
    ended: int
    share: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Quantile:
    """By which day a share had ended, between `low` and `high`; None: not within what was seen."""

    day: float | None
    low: float | None
    high: float | None


def survival(seen: Iterable[tuple[float, bool]]) -> tuple[Step, ...]:
    """Return the steps of the curve from pairs of a day, from 0 on, and whether it is an end: if not,
    the credential was live that day and nothing is known of it later.
    """
    ordered = sorted(seen)
    at_risk, share, spread = len(ordered), 1.0, 0.0
    steps = []
    for day, group in groupby(ordered, key=itemgetter(0)):
        ends = [ended for _, ended in group]
        ended = sum(ends)
        if ended:
            share *= 1 - ended / at_risk
            if at_risk > ended:
                spread += ended / (at_risk * (at_risk - ended))
            steps.append(Step(day, at_risk, ended, share, *_band(share, spread)))
        at_risk -= len(ends)
    return tuple(steps)


def quantile(steps: Sequence[Step], ended: float) -> Quantile:
    """Return by which day the share `ended` (0 to 1) had ended."""
    left = 1 - ended + 1e-12  # so that five falls of 0.1 are half

    def first(edges: Iterable[float | None]) -> float | None:
        pairs = zip(steps, edges, strict=True)
        return next((step.day for step, edge in pairs if edge is not None and edge <= left), None)

    return Quantile(
        first(step.share for step in steps),
        first(step.low for step in steps),
        first(step.high for step in steps),
    )


def thinned(steps: Sequence[Step], most: int) -> tuple[Step, ...]:
    """Return at most so many steps, the last one among them, spread evenly over them all."""
    if len(steps) <= most:
        return tuple(steps)
    return tuple(steps[round((number + 1) * len(steps) / most) - 1] for number in range(most))


def _band(share: float, spread: float) -> tuple[float | None, float | None]:
    """Return the edges of the band where the curve stands at `share`; at 0 it has none."""
    if share <= 0:
        return None, None
    off = exp(_Z * sqrt(spread) / log(share))
    return share ** (1 / off), share**off
