"""Values that stand unquoted behind a word like "password"."""

from __future__ import annotations

from detectors.forms.form import Form


def _holds(text: str) -> bool:
    """Letters and digits: without both it is a word or a number, which no one can tell from code."""
    return any(map(str.isalpha, text)) and any(map(str.isdigit, text))


ASSIGNED = Form(_holds)
