"""Tokens that end in "=", which URLs and forms escape."""

from __future__ import annotations

from detectors.forms.form import Form


def _spelling(text: str) -> str:
    return text.replace("%3D", "=")


ESCAPED_EQUALS = Form(spelling=_spelling)
