from __future__ import annotations

import base64
import dataclasses
import random
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Kind
from detectors.matching import Matcher
from detectors.mint import mint
from detectors.pattern import is_named, screening, token_pattern
from detectors.prefilter import Expression, Prefilter
from detectors.spans import Span, compile_rule, spans
from jobs.kind_files import packaged_kinds
from tests.effort import grows_linearly, quickest

KINDS = packaged_kinds()
FILLS = [b" ", b'"', b"a", b"=", b"-", b"\t", b"key ", b"a:", b"@", b"\\n", b".", b"0", b"A", b"/"]
NOISE = base64.b64encode(random.Random(1).randbytes(48_000))  # noqa: S311  # noise, not a secret
SIZE = 50 << 10


def found(kind: Kind, text: str) -> list[Span]:
    """What the kind matches, wherever that may end."""
    data = text.encode()
    return list(spans(compile_rule(kind), data, range(len(data) + 1)))


@pytest.mark.parametrize(
    "kind",
    [  # `test_hostile_lines.py` asks every kind about lines of the same sort
        pytest.param(kind, id=kind.id, marks=[] if number % 8 == 0 else pytest.mark.long)
        for number, kind in enumerate(KINDS)
    ],
)
def test_no_pattern_backtracks_its_time_away(kind: Kind) -> None:
    matcher = Matcher([kind], None, tell_dropped=False)
    start = kind.example.partition("{")[0].encode() or kind.anchors[0].encode()
    for fill in (*FILLS, *(a.encode() for a in kind.anchors[:4]), start, NOISE):
        for head in (b"", start):
            data = (head + fill * (SIZE // len(fill) + 1))[:SIZE]
            seconds = quickest(0.6, lambda data=data: matcher.look(data))  # type: ignore[misc]
            assert seconds < 0.6, f"{fill[:10]!r} after {head!r}"


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
    (span,) = found(kind, text)
    assert (span.value.decode(), span.pair) == (pair, "")
    assert text[slice(*span.other)] == secret


def test_each_id_takes_the_secret_before_the_next_id(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    pairs = [mint(kind, str(seed)) for seed in range(3)]
    text = "\n".join(pair.replace(":", "\n") for pair in pairs)
    assert [span.value.decode() for span in found(kind, text)] == pairs


def test_where_it_is_unclear_each_secret_is_tried_and_told(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    (id1, secret1), (id2, secret2) = (mint(kind, str(seed)).split(":") for seed in range(2))
    told = [(s.value.decode(), s.pair) for s in found(kind, f"{id1}\n{id2}\n{secret1}\n{secret2}")]
    assert told == [
        (f"{id1}:{secret1}", "1 of 2"),
        (f"{id1}:{secret2}", "2 of 2"),
        (f"{id2}:{secret1}", "1 of 2"),
        (f"{id2}:{secret2}", "2 of 2"),
    ]


@pytest.mark.parametrize("secret", ["0123456789abcdef" * 2 + "01234567", "", "x" * 39])
def test_an_id_without_a_secret_or_with_a_hash_is_nothing(
    kinds: dict[str, Kind], secret: str
) -> None:
    kind = kinds["aws_access_key"]
    assert found(kind, mint(kind, "a").partition(":")[0] + "\n" + secret) == []


def test_a_secret_too_far_away_is_another_keys(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    assert found(kind, mint(kind, "a").replace(":", "\n" + "- \n" * 400)) == []


def test_ten_thousand_ids_in_a_row_take_linear_time(kinds: dict[str, Kind]) -> None:
    kind, ids = kinds["aws_access_key"], mint(kinds["aws_access_key"], "a").split(":")
    row = f"{ids[0]} {ids[0]} {ids[1]} {ids[1]}\n"
    assert len(found(kind, row * 5_000)) <= 3 * 10_000
    assert grows_linearly(lambda count: found(kind, row * count), 250, 5_000)


def test_several_names_that_lead_to_one_value_are_one_match(kinds: dict[str, Kind]) -> None:
    pattern = token_pattern("[0-9]{4}", ["acme", "acme_key"])
    kind = dataclasses.replace(kinds["npm_token"], pattern=pattern)
    assert [span.value for span in found(kind, "acme_key=1234")] == [b"1234"]


@pytest.mark.parametrize(
    ("group", "text", "want"),
    [
        (0, "ab1", "b1"),
        (0, "ac2", "c2"),
        (0, "ad", "ad"),
        (1, "ab1", "b1"),
        (2, "ac2", "c2"),
        (1, "ac2", ""),
    ],
)
def test_a_packs_rule_says_which_group_is_the_secret(
    kinds: dict[str, Kind], group: int, text: str, want: str
) -> None:
    rule = dataclasses.replace(
        kinds["npm_token"], pack="mine", pattern=r"a(?:(b\d)|(c\d)|d)\b", secret_group=group
    )
    assert [span.value.decode() for span in found(rule, f"- {text} -")] == [want] * bool(want)


def test_a_word_that_goes_on_beyond_the_stretch_looked_at_is_no_match(
    kinds: dict[str, Kind],
) -> None:
    kind = dataclasses.replace(kinds["npm_token"], pattern="(t_[0-9]{4,30})(?![0-9a-z])")
    rule, data = compile_rule(kind), b"t_1234 " + b"-" * 50 + b"t_" + b"1" * 60 + b"a"
    for end in range(len(data)):
        assert {span.value for span in spans(rule, data, [6, end])} == {b"t_1234"}


@given(
    pieces=st.lists(
        st.tuples(st.sampled_from(KINDS), st.text("ab:/@=\"' \n", max_size=300)), max_size=6
    )
)
def test_looking_only_where_a_match_may_end_finds_the_same(
    pieces: list[tuple[Kind, str]],
) -> None:
    data = "".join(f"{noise}{mint(kind, noise)}\n" for kind, noise in pieces).encode()
    ends = where().ends(data)
    for index, rule in enumerate(RULES):
        everywhere = range(len(data) + 1)
        assert list(spans(rule, data, ends.get(index, ()))) == list(spans(rule, data, everywhere))


PLAIN = [kind for kind in KINDS if not is_named(kind.pattern)]
RULES = [compile_rule(kind) for kind in PLAIN]


@cache
def where() -> Prefilter:
    """Compiled for who runs the test, not for everybody who collects it."""
    return Prefilter(
        lambda: [Expression(i, screening(kind.pattern).encode()) for i, kind in enumerate(PLAIN)]
    )
