"""Scores detection on the corpus that `bench.corpus` draws from the kinds' templates.

    python -m bench.quality [--seed N] [--kind ID] [--per-kind N] [--json FILE] [--show N]

Says recall and precision by sort, by type of file, and for each kind that falls short. Exits
with 1 where `GOALS` are missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType

from bench.corpus import Sample, negatives, samples, scored
from bench.score import Find, Outcome, Tally, count, finder, group_of, precision, recall, score
from correlate.kind import Grade, Kind
from detectors.engine import Engine
from jobs.kind_files import packaged_kinds

# Sorts that are told apart and have no goal, each with the reason.
BEYOND = MappingProxyType(
    {
        "encoded: base64 of base64": "each layer doubles what the one pass over all bytes looks for",
        "split: side by side": "a quote, a line end and a quote stand in every Go import list: a look "
        "behind each costs more than all other looks together",
    }
)
# Kinds that no three characters in a row tell: in plain text their shape does, inside an encoded
# text nothing does. They have no goal in these sorts.
SHAPELESS = frozenset(
    {"bitwarden_access_token", "duo_integration", "honeycomb_ingest_key", "kaggle_legacy_key",
     "login_git_url", "meta_app_access_token", "twilio_api_key", "twilio_auth_token",
     "webex_access_token"}
)  # fmt: skip
_INSIDE = ("encoded: base64", "encoded: hex", "encoded: json in json")
GOALS = MappingProxyType({"plain": 1.0, "encoded": 1.0, "split": 1.0, "precision": 0.99})
_GROUPS = ("plain", "encoded", "split")
_SHARE = 12  # kinds that a process scores at a time
_MOST_SORTS = 6
_SHOWN_BYTES = 3000

_ENGINES: list[tuple[Find, Mapping[str, Kind]]] = []  # of a worker process, made once


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the packaged kinds, print the tables, and return the exit code."""
    options, started = _options(arguments), time.perf_counter()
    kinds = packaged_kinds()
    ids = [kind.id for kind in scored(kinds) if options.kind in ("", kind.id)]
    tally, wrong = _scored(kinds, ids, options)
    generic = {str(kind.id) for kind in kinds if kind.grade is Grade.GENERIC}
    result = totals(tally, generic)
    for line in table(tally, generic, result):
        _say(line)
    for text in wrong[: options.show]:
        _say(text)
    _say(f"{len(ids)} kinds with an issuer in {time.perf_counter() - started:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(as_json(tally, result), indent=1), encoding="utf-8")
    return 0 if meets_goals(result) else 1


def totals(tally: Tally, generic: set[str]) -> dict[str, float]:
    """Return the recall of each group and the precision of all, of kinds with an issuer."""
    groups = _parts(Counter({o: n for o, n in tally.items() if _has_goal(o)}), group_of)
    found = {name: recall(groups.get(name, Counter())) for name in _GROUPS}
    return {**found, "precision": precision(_issuers(tally, generic))}


def _has_goal(outcome: Outcome) -> bool:
    shapeless = outcome.kind in SHAPELESS and outcome.sort.startswith(_INSIDE)
    return outcome.sort not in BEYOND and not shapeless


def meets_goals(result: Mapping[str, float]) -> bool:
    """Whether no total is below its goal."""
    return all(result[name] >= goal for name, goal in GOALS.items())


def table(tally: Tally, generic: set[str], result: Mapping[str, float]) -> Iterator[str]:
    """Yield the lines of the report: what falls short in detail, and the totals last."""
    ours = _issuers(tally, generic)
    yield from _section("sort", ours, lambda o: o.sort)
    yield from _section("type of file, plain", _plain(ours), lambda o: o.shape)
    yield from _section("kind below 1.0", ours, lambda o: o.kind, detail=True)
    yield from _false_claims(tally, generic)
    quiet = count(Counter({o: n for o, n in tally.items() if o.kind in generic}), "false")
    for sort, why in BEYOND.items():
        yield f"no goal for {sort!r}: {why}"
    yield f"no goal for what is encoded of {', '.join(sorted(SHAPELESS))}: no anchor of theirs shows"
    yield f"kinds of no issuer: {quiet} false claims"
    told = ", ".join(f"{name} {result[name]:.5f} (goal {goal})" for name, goal in GOALS.items())
    yield f"kinds with an issuer: recall {told}"


def as_json(tally: Tally, result: Mapping[str, float]) -> dict[str, object]:
    """Return the totals and all counts as JSON takes them."""
    return {
        "totals": dict(result),
        "goals": dict(GOALS),
        "by_sort": _by(tally, lambda o: o.sort),
        "by_shape": _by(_plain(tally), lambda o: o.shape),
        "by_kind": _by(tally, lambda o: o.kind),
        "wrong": [{**o._asdict(), "count": n} for o, n in sorted(tally.items()) if o.what != "hit"],
    }


def _section(
    title: str, tally: Tally, key: Callable[[Outcome], str], *, detail: bool = False
) -> Iterator[str]:
    yield f"{title:32} {'found':>7} {'missed':>7} {'false':>6} {'recall':>8} {'precision':>10}"
    parts = _parts(tally, key)
    for name, n in _by(tally, key).items():
        if not detail or n["miss"] or n["false"]:
            yield (
                f"  {name:30} {n['hit']:7} {n['miss']:7} {n['false']:6} "
                f"{n['recall']:8.4f} {n['precision']:10.4f}{_where(parts[name]) if detail else ''}"
            )
    yield ""


def _where(tally: Tally) -> str:
    """The sorts in which a kind falls short, most first."""
    sorts: Counter[str] = Counter()
    for outcome, n in tally.items():
        if outcome.what != "hit":
            sorts[f"{outcome.what} {outcome.sort}"] += n
    return "  " + ", ".join(f"{sort} {n}" for sort, n in sorts.most_common(_MOST_SORTS))


def _false_claims(tally: Tally, generic: set[str]) -> Iterator[str]:
    yield "false claims: kind found, sort of sample, kind it was made from"
    claims: Counter[tuple[str, str, str]] = Counter()
    for outcome, n in tally.items():
        if outcome.what == "false" and outcome.kind not in generic:
            claims[outcome.kind, outcome.sort, outcome.of] += n
    for (kind, sort, of), n in sorted(claims.items()):
        yield f"  {kind:32} {sort:32} {of:32} {n:5}"
    yield ""


def _by(tally: Tally, key: Callable[[Outcome], str]) -> dict[str, dict[str, float]]:
    return {name: _numbers(part) for name, part in sorted(_parts(tally, key).items())}


def _parts(tally: Tally, key: Callable[[Outcome], str]) -> dict[str, Tally]:
    parts: dict[str, Tally] = {}
    for outcome, n in tally.items():
        parts.setdefault(key(outcome), Counter())[outcome] += n
    return parts


def _numbers(tally: Tally) -> dict[str, float]:
    counts = {what: count(tally, what) for what in ("hit", "miss", "false")}
    return {**counts, "recall": recall(tally), "precision": precision(tally)}


def _issuers(tally: Tally, generic: set[str]) -> Tally:
    return Counter({o: n for o, n in tally.items() if o.kind not in generic})


def _plain(tally: Tally) -> Tally:
    return Counter({o: n for o, n in tally.items() if group_of(o) == "plain"})


def _scored(
    kinds: Sequence[Kind], ids: Sequence[str], options: argparse.Namespace
) -> tuple[Tally, list[str]]:
    """The whole corpus scored on all processors, and each wrong sample in words."""
    shares = [ids[at : at + _SHARE] for at in range(0, len(ids), _SHARE)]
    work = partial(_score_share, seed=options.seed, rounds=options.per_kind, shown=options.show)
    tally: Tally = Counter()
    wrong: list[str] = []
    serialised = Engine(kinds).serialised()
    with ProcessPoolExecutor(os.cpu_count(), initializer=_start, initargs=(serialised,)) as pool:
        for part, notes in pool.map(work, [[], *shares]):
            tally += part
            wrong += notes
    return tally, wrong


def _start(serialised: bytes) -> None:
    kinds = packaged_kinds()
    _ENGINES.append((finder(Engine(kinds, serialised)), {kind.id: kind for kind in kinds}))


def _score_share(ids: Sequence[str], seed: int, rounds: int, shown: int) -> tuple[Tally, list[str]]:
    find, kinds = _ENGINES[0]
    wrong: list[str] = []

    def note(sample: Sample, outcome: Outcome) -> None:
        if len(wrong) < shown:
            wrong.append(f"--- {outcome}\n{sample.secret}\n{sample.data[:_SHOWN_BYTES]!r}")

    return score(find, _corpus([kinds[name] for name in ids], seed, rounds), note), wrong


def _corpus(kinds: Sequence[Kind], seed: int, rounds: int) -> Iterator[Sample]:
    """The samples of some kinds; of none, the files without any credential."""
    if not kinds:
        yield from negatives(seed)
    for kind in kinds:
        yield from samples(kind, seed, rounds)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default="", help="only this kind, by its id")
    parser.add_argument("--per-kind", type=int, default=2, help="rounds of samples of each kind")
    parser.add_argument("--json", type=Path, help="write the result here too")
    parser.add_argument("--show", type=int, default=0, help="print so many samples that went wrong")
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
