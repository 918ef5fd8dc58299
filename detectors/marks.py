"""Inline allow-list marks: a finding beside one is shown as suppressed, never dropped.

The marks are those people already write: detect-secrets' `pragma: allowlist secret` (this
line) and `pragma: allowlist nextline secret`, and Gitleaks' `gitleaks:allow`.
"""

from __future__ import annotations

import re

_SAME = re.compile(rb"(?i)pragma: ?(?:allowlist|whitelist) secret|gitleaks:allow")
_NEXT = re.compile(rb"(?i)pragma: ?(?:allowlist|whitelist) nextline secret")
_REACH = 1000  # a mark further away on the same line is not beside the secret


def suppression(data: bytes, start: int, end: int) -> str:
    """Return the mark that stands on the secret's line or allows the next line, else ""."""
    near = max(0, start - _REACH)
    line = data.rfind(b"\n", near, start) + 1
    stop = data.find(b"\n", end, end + _REACH)
    same = _SAME.search(data, line or near, end + _REACH if stop < 0 else stop)
    if same is not None:
        return same[0].decode()
    near = max(0, line - _REACH)
    above = data.rfind(b"\n", near, max(line - 1, 0)) + 1
    allowed = _NEXT.search(data, above or near, line)
    return allowed[0].decode() if allowed else ""
