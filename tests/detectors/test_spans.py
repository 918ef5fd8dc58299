from __future__ import annotations

import base64
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Kind
from detectors.mint import mint
from detectors.prefilter import Prefilter
from detectors.spans import compile_rule, spans
from jobs.kind_files import packaged_kinds

KINDS = packaged_kinds()
FILLS = [b" ", b'"', b"a", b"=", b"-", b"\t", b"key ", b"a:", b"@", b"\\n", b".", b"0", b"A", b"/"]
NOISE = base64.b64encode(random.Random(1).randbytes(48_000))  # noqa: S311  # noise, not a secret


def seconds(kind: Kind, data: bytes) -> float:
    rule, started = compile_rule(kind), time.perf_counter()
    for _ in spans(rule, data):
        pass
    return time.perf_counter() - started


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_no_pattern_backtracks_its_time_away(kind: Kind) -> None:
    start = kind.example.partition("{")[0].encode() or kind.anchors[0].encode()
    for size in (1 << 10, 4 << 10, 50 << 10):
        for fill in (*FILLS, *(a.encode() for a in kind.anchors), start, NOISE):
            for head in (b"", start):
                data = (head + fill * (size // len(fill) + 1))[:size]
                assert seconds(kind, data) < 0.6, f"{fill[:10]!r} x {size}"


@pytest.mark.parametrize(
    "template",
    [
        "aws_access_key_id = {id}\naws_secret_access_key = {secret}\n",
        '"AccessKeyId": "{id}",\n  "SecretAccessKey": "{secret}"',
        "{id},{secret}\n",
        "secret: {secret}\nid: {id}\n",
        'env = "A={id}\\nB={secret}"',
    ],
)
def test_a_pair_is_joined_by_nearness(kinds: dict[str, Kind], template: str) -> None:
    kind = kinds["aws_access_key"]
    pair = mint(kind, "a")
    key, _, secret = pair.partition(":")
    text = template.format(id=key, secret=secret)
    assert [span.value.decode() for span in spans(compile_rule(kind), text.encode())] == [pair]


def test_each_id_takes_the_secret_before_the_next_id(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    pairs = [mint(kind, str(seed)) for seed in range(3)]
    text = "\n".join(pair.replace(":", "\n") for pair in pairs)
    assert [span.value.decode() for span in spans(compile_rule(kind), text.encode())] == pairs


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 2 + "01234567", "", "x" * 39])
def test_an_id_without_a_secret_or_with_a_hash_is_nothing(
    kinds: dict[str, Kind], secret: str
) -> None:
    kind = kinds["aws_access_key"]
    text = mint(kind, "a").partition(":")[0] + "\n" + secret
    assert list(spans(compile_rule(kind), text.encode())) == []


def test_a_secret_too_far_away_is_another_keys(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    text = mint(kind, "a").replace(":", "\n" + "- \n" * 400)
    assert list(spans(compile_rule(kind), text.encode())) == []


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(KINDS), st.text("ab:/@=\"' \n", max_size=300)), max_size=6
    )
)
def test_looking_only_where_a_match_may_end_finds_the_same(
    pieces: list[tuple[Kind, str]],
) -> None:
    data = "".join(f"{noise}{mint(kind, noise)}\n" for kind, noise in pieces).encode()
    hits = EVERYWHERE.hits(data)
    for index, rule in enumerate(RULES):
        assert list(spans(rule, data, hits.get(index, ()))) == list(spans(rule, data))


RULES = [compile_rule(kind) for kind in KINDS]
EVERYWHERE = Prefilter([kind.pattern for kind in KINDS], range(len(KINDS)))
