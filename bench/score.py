"""What findings in a labelled corpus are worth: hits, misses and false claims, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from bench.corpus import ALSO, Sample
from correlate.model import Document, Finding, Locator, Medium
from detectors.engine import Engine


class Claim(NamedTuple):
    """A kind and a secret that were found. `unsure`: one of several secrets that an id was found
    with, of which only its issuer knows the right one.
    """

    kind: str
    secret: str
    unsure: bool = False


Find = Callable[[bytes], Iterable[Claim]]


class Outcome(NamedTuple):
    """One claim judged: `what` is "hit", "miss" or "false"; `kind` is whose recall or precision
    it counts for, `of` the kind the sample was made from.
    """

    what: str
    kind: str
    sort: str
    shape: str
    of: str


Tally = Counter[Outcome]


def judged(sample: Sample, found: Iterable[Claim]) -> Iterator[Outcome]:
    """Yield what the claims about a sample are worth: whether its own secret is among them, and
    each that is not its own. A pair's other possible secrets count only where the right one is
    not among them.
    """
    claims = set(found)
    hit = any((claim.kind, claim.secret) == (sample.kind, sample.secret) for claim in claims)
    if sample.kind:
        what = "hit" if hit else "miss"
        yield Outcome(what, sample.kind, sample.sort, sample.shape, sample.of)
    for claim in sorted(claims):
        own = claim.kind == sample.kind and (claim.secret == sample.secret or claim.unsure)
        allowed = not sample.kind and claim.kind in ALSO.get(sample.of, ())
        if not (own and hit) and not allowed:
            yield Outcome("false", claim.kind, sample.sort, sample.shape, sample.of)


def recall(tally: Tally) -> float:
    """Return the share of credentials that were found; 1 where there are none."""
    return _share(count(tally, "hit"), count(tally, "miss"))


def precision(tally: Tally) -> float:
    """Return the share of claims that are right; 1 where nothing was claimed."""
    return _share(count(tally, "hit"), count(tally, "false"))


def count(tally: Tally, what: str) -> int:
    """Return how many outcomes of the tally are "hit", "miss" or "false"."""
    return sum(n for outcome, n in tally.items() if outcome.what == what)


def _share(good: int, bad: int) -> float:
    return good / (good + bad) if good + bad else 1.0


def group_of(outcome: Outcome) -> str:
    """Return the group of a sort: what stands before its colon."""
    return outcome.sort.partition(":")[0]


def finder(engine: Engine) -> Find:
    """Return what an engine claims to find in a text."""

    def find(data: bytes) -> Iterator[Claim]:
        place = Locator("bench", "corpus", "sample", "")
        for found in engine.find(Document(place, data, Medium.FILE)):
            if isinstance(found, Finding):
                yield Claim(found.kind, found.secret.reveal(), "pair" in found.facts)

    return find


def score(find: Find, corpus: Iterable[Sample], note: Callable[[Sample, Outcome], None]) -> Tally:
    """Return the tally of a corpus; `note` is told each sample that went wrong."""
    tally: Tally = Counter()
    for sample in corpus:
        for outcome in judged(sample, find(sample.data)):
            tally[outcome] += 1
            if outcome.what != "hit":
                note(sample, outcome)
    return tally
