from __future__ import annotations

from detectors.forms.escaped import ESCAPED_EQUALS


def test_an_escaped_sign_is_undone() -> None:
    assert ESCAPED_EQUALS.spelling("ATATT3x%3D00") == "ATATT3x=00"
    assert ESCAPED_EQUALS.spelling("ATATT3x=00") == "ATATT3x=00"
