"""Text that is safe to show: what a name or path holds may be chosen by anybody."""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """Return a text that moves no terminal's cursor: a repository may name a file as it likes."""
    if text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() or mark in keep else f"\\x{ord(mark):02x}" for mark in text
    )
