"""Shorthand for asking an engine about a text."""

from __future__ import annotations

from correlate.model import Document, Finding, Locator, Medium
from detectors.engine import Engine


def document(text: str | bytes, medium: Medium = Medium.FILE, part: str = "") -> Document:
    data = text.encode() if isinstance(text, str) else text
    return Document(Locator("source", "container", "item", part), data, medium)


def look(engine: Engine, text: str | bytes) -> list[Finding]:
    return [found for found in engine.find(document(text)) if isinstance(found, Finding)]


def told(findings: list[Finding]) -> list[tuple[str, str, int]]:
    return [(f.kind, f.secret.reveal(), f.locator.line) for f in findings]
