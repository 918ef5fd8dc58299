from __future__ import annotations

import pytest

from detectors.marks import suppression


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("SECRET # pragma: allowlist secret", "pragma: allowlist secret"),
        ("SECRET # Pragma: Whitelist Secret", "Pragma: Whitelist Secret"),
        ("# gitleaks:allow SECRET", "gitleaks:allow"),
        ("# pragma: allowlist nextline secret\nSECRET", "pragma: allowlist nextline secret"),
        ("x\n# pragma: allowlist nextline secret\nSECRET\n", "pragma: allowlist nextline secret"),
        ("# pragma: allowlist nextline secret\n\nSECRET", ""),
        ("# gitleaks:allow\nSECRET", ""),
        ("SECRET\n# gitleaks:allow", ""),
        ("# gitleaks:allow" + " " * 3000 + "SECRET", ""),
        ("SECRET" + " " * 3000 + "# gitleaks:allow", ""),
        ("SECRET", ""),
    ],
)
def test_a_mark_counts_on_its_line_or_for_the_next(text: str, mark: str) -> None:
    data = text.encode()
    at = data.index(b"SECRET")
    assert suppression(data, at, at + 6) == mark
