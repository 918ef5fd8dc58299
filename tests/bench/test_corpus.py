from __future__ import annotations

import re
from itertools import islice

import pytest

from bench.corpus import Sample, negatives, samples, scored
from bench.encoders import ENCODERS, SPLITS
from bench.shapes import SHAPES
from correlate.kind import Grade, Kind
from jobs.kind_files import packaged_kinds

KINDS = {kind.id: kind for kind in packaged_kinds()}
NAMED, PLAIN, PAIR = (
    KINDS[name]  # type: ignore[index]  # ids are strings
    for name in ("cohere_api_key", "github_pat_classic", "aws_access_key")
)


def of(kind: Kind, group: str) -> list[Sample]:
    return [s for s in samples(kind, 1) if s.sort.partition(":")[0] == group]


def test_it_is_drawn_from_every_kind_of_ours_that_has_an_issuer() -> None:
    assert {kind.id for kind in scored(tuple(KINDS.values()))} == {
        kind.id for kind in KINDS.values() if kind.grade is Grade.ISSUER
    }


def test_there_are_many_file_types_and_ways_to_hide_a_text() -> None:
    assert len(SHAPES) >= 20
    assert len(ENCODERS) + len(SPLITS) >= 20


@pytest.mark.parametrize("kind", [NAMED, PLAIN, PAIR], ids=lambda kind: str(kind.id))
def test_the_same_seed_gives_the_same_corpus_and_another_seed_another(kind: Kind) -> None:
    assert list(samples(kind, 1)) == list(samples(kind, 1))
    assert next(samples(kind, 1)).data != next(samples(kind, 2)).data


def test_each_round_has_other_tokens() -> None:
    secrets = [s.secret for s in samples(PLAIN, 1, rounds=2) if s.kind]
    assert len(set(secrets)) == len(secrets) == 2 * (len(SHAPES) + len(ENCODERS) + len(SPLITS))


@pytest.mark.parametrize("kind", [NAMED, PLAIN, PAIR], ids=lambda kind: str(kind.id))
def test_a_plain_sample_holds_its_secret_and_a_cut_one_does_not(kind: Kind) -> None:
    for sample in of(kind, "plain"):
        assert all(part in sample.data.decode() for part in sample.secret.split(":"))
    for sample in of(kind, "split"):
        assert not all(part in sample.data.decode() for part in sample.secret.split(":"))


def test_a_kind_known_by_its_name_keeps_it() -> None:
    for sample in of(NAMED, "plain"):
        assert re.search(rb"(?i)cohere[_.-]?api[_.-]?key", sample.data), sample.shape


def test_what_is_no_token_says_so() -> None:
    negative = [s for s in samples(PLAIN, 1) if not s.kind]
    assert {s.sort.partition(":")[0] for s in negative} == {
        *("near miss", "placeholder", "wrong checksum")
    }
    assert all(s.secret == "" and s.of == PLAIN.id for s in negative)
    assert len({s.shape for s in negative}) > 10


def test_a_near_miss_of_a_kind_known_by_its_name_is_not_given_the_name() -> None:
    bare = [s for s in of(NAMED, "near miss") if b"VALUE" in s.data.upper()]
    assert bare
    assert not any(re.search(rb"(?i)cohere", s.data) for s in bare)


def test_files_without_credentials_are_large_and_many() -> None:
    files = list(negatives(1, 10_000))
    assert len(files) > 10
    assert all(len(s.data) >= 10_000 and not s.kind and not s.of for s in files)
    assert [s.data for s in negatives(1, 10_000)] == [s.data for s in files]
    assert len(next(islice(negatives(1), 1)).data) >= 100_000
