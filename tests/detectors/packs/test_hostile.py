from __future__ import annotations

import pytest

from correlate.kind import Kind
from correlate.model import KindId
from detectors.packs.hostile import hostile_lines

KIND = Kind(KindId("pack_p_r"), "p", "r", "(a)", ("fnl_", "key", "c", "d"), "s", "", pack="p")


@pytest.mark.parametrize("size", [7, 5_000])
def test_every_line_has_the_size_and_the_keywords_come_too(size: int) -> None:
    lines = dict(hostile_lines(KIND, size))
    assert {len(line) for line in lines.values()} == {size}
    assert lines["its keyword 'fnl_'"].startswith(b"fnl_fnl"[:size])
    assert len(lines) == 6 + 3
    assert lines == dict(hostile_lines(KIND, size))
