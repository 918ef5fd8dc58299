from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bench.corpus import Sample, samples
from bench.quality import BEYOND, GOALS, as_json, main, meets_goals, table, totals
from bench.score import Claim, Outcome, Tally, finder, judged, precision, recall, score
from detectors.engine import Engine
from jobs.kind_files import packaged_kinds

KINDS = {kind.id: kind for kind in packaged_kinds()}
GITHUB = KINDS["github_pat_classic"]  # type: ignore[index]  # ids are strings
CORPUS = list(samples(GITHUB, 1))
HELD = Sample(b"", "plain", ".env", "k", "k", "id:secret")
EMPTY = Sample(b"", "near miss", ".env", "stripe_live_key")


def whats(sample: Sample, *claims: Claim) -> list[tuple[str, str]]:
    return [(outcome.what, outcome.kind) for outcome in judged(sample, claims)]


def scored(find: object) -> Tally:
    return score(find, CORPUS, lambda _sample, _outcome: None)  # type: ignore[arg-type]


def test_the_right_claim_is_a_hit_and_every_other_one_is_false() -> None:
    assert whats(HELD, Claim("k", "id:secret")) == [("hit", "k")]
    assert whats(HELD) == [("miss", "k")]
    assert whats(HELD, Claim("other", "id:secret")) == [("miss", "k"), ("false", "other")]
    assert whats(HELD, Claim("k", "id:secret"), Claim("k", "id")) == [("hit", "k"), ("false", "k")]
    assert whats(EMPTY, Claim("k", "any")) == [("false", "k")]
    assert whats(EMPTY) == []


def test_the_other_secrets_that_an_id_may_have_count_only_without_the_right_one() -> None:
    right, other = Claim("k", "id:secret", unsure=True), Claim("k", "id:other", unsure=True)
    assert whats(HELD, right, other) == [("hit", "k")]
    assert whats(HELD, other) == [("miss", "k"), ("false", "k")]


def test_a_near_miss_that_is_another_kinds_token_may_be_found_as_that() -> None:
    assert whats(EMPTY, Claim("workos_api_key", "any")) == []
    assert whats(EMPTY, Claim("stripe_live_key", "any")) == [("false", "stripe_live_key")]


def test_a_detector_that_finds_nothing_has_no_recall() -> None:
    tally = scored(lambda _: [])
    assert (recall(tally), precision(tally)) == (0, 1)
    assert not meets_goals(totals(tally, set()))


def test_a_detector_that_finds_everything_has_little_precision() -> None:
    every = {Claim(sample.kind, sample.secret) for sample in CORPUS if sample.kind}
    tally = scored(lambda _: every)
    assert recall(tally) == 1
    assert precision(tally) < 0.05
    assert not meets_goals(totals(tally, set()))


def test_an_oracle_meets_the_goals() -> None:
    answers = {sample.data: [Claim(sample.kind, sample.secret)] for sample in CORPUS if sample.kind}
    tally = scored(lambda data: answers.get(data, []))
    assert totals(tally, set()) == dict.fromkeys(GOALS, 1)
    assert meets_goals(totals(tally, set()))


def test_the_engine_is_asked_and_what_went_wrong_is_told(engine: Engine) -> None:
    wrong: list[Outcome] = []
    plain = [sample for sample in CORPUS if sample.sort == "plain"]
    tally = score(finder(engine), plain, lambda _sample, outcome: wrong.append(outcome))
    assert sum(tally.values()) == len(plain) + sum(o.what == "false" for o in wrong)
    assert recall(tally) == 1


def test_a_sort_beyond_the_goals_is_told_and_does_not_count() -> None:
    tally = Counter(
        {
            Outcome("miss", "k", sort, "x", "k"): 1 for sort in BEYOND
        } | {Outcome("hit", "k", "plain", ".env", "k"): 1}
    )  # fmt: skip
    assert meets_goals(totals(tally, set()))
    lines = "\n".join(table(tally, set(), totals(tally, set())))
    assert all(sort in lines and why in lines for sort, why in BEYOND.items())


def test_claims_of_no_issuer_are_counted_apart() -> None:
    tally = Counter([Outcome("false", "generic_password", "plain", ".env", "k")])
    assert totals(tally, {"generic_password"})["precision"] == 1
    assert totals(tally, set())["precision"] == 0


def test_the_json_holds_all_that_the_tables_say() -> None:
    tally = scored(lambda _: [])
    told = as_json(tally, totals(tally, set()))
    assert json.loads(json.dumps(told)) == told
    assert told["totals"] == {"plain": 0, "encoded": 0, "split": 0, "precision": 1}


def test_the_command_scores_one_kind_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "quality.json"
    arguments = ["--kind", "github_pat_classic", "--per-kind", "1", "--json", str(path)]
    code = main(arguments)
    told = json.loads(path.read_text(encoding="utf-8"))
    assert code == (0 if meets_goals(told["totals"]) else 1)
    assert told["by_kind"]["github_pat_classic"]["hit"] > 0
    assert "kinds with an issuer: recall plain" in capsys.readouterr().out
