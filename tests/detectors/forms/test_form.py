from __future__ import annotations

from detectors.forms.form import PLAIN


def test_the_plain_form_says_nothing_and_changes_nothing() -> None:
    assert PLAIN.holds("any")
    assert PLAIN.facts("any") == {}
    assert PLAIN.spelling("any") == "any"
