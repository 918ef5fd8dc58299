"""No rule and no whole look takes long on a line that somebody made to hold the scan up."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from correlate.kind import Kind
from detectors.engine import Engine
from detectors.mint import mint
from detectors.packs.hostile import hostile_lines
from detectors.prefilter import Ends
from detectors.spans import compile_rule, spans
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import look
from tests.effort import quickest

KINDS = packaged_kinds()
SIZE = 50_000
RULE_SECONDS, LOOK_SECONDS = 0.1, 1.0


COMMON = {
    **dict(hostile_lines(dataclasses.replace(KINDS[0], anchors=()), SIZE)),
    "line ends": b"\n" * SIZE,
}


def own_lines(kind: Kind) -> Iterator[tuple[str, bytes]]:
    """What this kind's pattern may choke on, beside what any may."""
    yield from (item for item in hostile_lines(kind, SIZE) if item[0] not in COMMON)
    minted = mint(kind, "hostile").encode()
    for name, unit in (
        ("its example, never its end", minted[: max(1, len(minted) * 2 // 3)]),
        ("its example again and again", minted),
        ("its keyword and words", kind.anchors[0].encode() + b" aaaa bbbb cccc "),
        ("its keyword and a long name", kind.anchors[0].encode() + b"_" * 45),
    ):
        yield name, (unit * (SIZE // len(unit) + 1))[:SIZE]


@pytest.fixture(scope="module")
def common_ends(engine: Engine) -> dict[str, Ends]:
    return {name: engine._matcher._prefilter.ends(line) for name, line in COMMON.items()}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_no_rule_is_slow_where_the_prefilter_sends_it(
    engine: Engine, common_ends: dict[str, Ends], kind: Kind
) -> None:
    rule, number = compile_rule(kind), KINDS.index(kind)
    for name, line in [*COMMON.items(), *own_lines(kind)]:
        seen = common_ends[name] if name in COMMON else engine._matcher._prefilter.ends(line)
        ends = seen.get(number, ())
        seconds = quickest(RULE_SECONDS, lambda line=line, ends=ends: list(spans(rule, line, ends)))  # type: ignore[misc]
        assert seconds < RULE_SECONDS, f"{kind.id} on {name}: {seconds:.3f} s"


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not compile_rule(kind).named], ids=lambda kind: str(kind.id)
)
def test_no_rule_is_slow_wherever_a_prefilter_could_send_it(kind: Kind) -> None:
    """A kind that is found by its name is sent where a literal stands, and nowhere else."""
    rule, everywhere = compile_rule(kind), range(1, SIZE + 1)
    for name, line in [*COMMON.items(), *own_lines(kind)]:
        seconds = quickest(RULE_SECONDS, lambda line=line: list(spans(rule, line, everywhere)))  # type: ignore[misc]
        assert seconds < RULE_SECONDS, f"{kind.id} on {name}: {seconds:.3f} s"


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, id=kind.id, marks=[] if number % 16 == 0 else pytest.mark.long)
        for number, kind in enumerate(KINDS)
    ],
)
def test_no_look_is_slow(engine: Engine, kind: Kind) -> None:
    for name, line in own_lines(kind):
        seconds = quickest(LOOK_SECONDS, lambda line=line: look(engine, line))  # type: ignore[misc]
        assert seconds < LOOK_SECONDS, f"{kind.id} on {name}: {seconds:.3f} s"


@pytest.mark.parametrize("name", COMMON)
def test_no_look_at_a_line_of_one_thing_is_slow(engine: Engine, name: str) -> None:
    assert quickest(LOOK_SECONDS, lambda: look(engine, COMMON[name])) < LOOK_SECONDS
