from __future__ import annotations

import pytest

from detectors.forms.assigned import ASSIGNED


@pytest.mark.parametrize(
    ("text", "holds"), [("abc123", True), ("abcdef", False), ("123456", False), ("", False)]
)
def test_a_value_has_letters_and_digits(text: str, *, holds: bool) -> None:
    assert ASSIGNED.holds(text) is holds
