from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from correlate.model import Finding
from detectors import remembered
from detectors.engine import Engine
from detectors.mint import mint
from detectors.remembered import Remembered, remembering
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import document


def test_the_same_is_remembered_and_nothing_else() -> None:
    known: Remembered[str] = Remembered()
    assert known.put("value", "base64", 1, b"abc") == "value"
    assert known.get("base64", 1, b"abc") == "value"
    for other in (("hex", 1, b"abc"), ("base64", 2, b"abc"), ("base64", 1, b"abd")):
        assert known.get(*other) is None


def test_it_keeps_no_text_and_grows_no_further() -> None:
    known: Remembered[int] = Remembered()
    for number in range(remembered._MOST + 10):
        known.put(number, "text", number)
    assert len(known._known) == 10
    assert all(isinstance(key, int) for key in known._known)


@given(st.binary(max_size=12), st.lists(st.integers(0, 12), max_size=8))
def test_a_remembered_check_answers_as_the_check_does(data: bytes, ends: list[int]) -> None:
    def check(view: memoryview, end: int) -> bool:
        return sum(view[max(0, end - 2) : end + 2]) % 3 == 0

    recalled, view = remembering(check, 2), memoryview(data * 3)
    for end in ends * 2:
        assert recalled(view, end) == check(view, end)


def test_a_second_look_finds_and_drops_the_same(engine: Engine) -> None:
    fake = base64.b64encode(b"token: ghp_" + b"x" * 36 + b"\nmore of this\n").decode()
    (kind,) = (kind for kind in packaged_kinds() if kind.id == "npm_token")
    real = base64.b64encode(f"npm: {mint(kind, 'a')}\n".encode()).decode()
    text = document(f"a: {fake}\nb: {real}\n")
    seen = []
    for _ in range(3):
        engine.dropped.clear()
        findings = [item for item in engine.find(text) if isinstance(item, Finding)]
        seen.append(([(f.kind, f.locator.line) for f in findings], dict(engine.dropped)))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == [("npm_token", 2)]
    assert seen[0][1]
