from __future__ import annotations

import pytest

from detectors.forms.gitlab import GITLAB_ROUTABLE
from tests.detectors.forms.spelled import b64url


def test_a_routable_token_tells_its_user() -> None:
    payload = b64url(b"\x00" * 16 + b"\nc:1\no:2\nu:rs\n")
    assert GITLAB_ROUTABLE.facts(f"glpat-{payload}.01.0abcdefgh") == {"user_id": "1000"}


@pytest.mark.parametrize(
    "payload", ["", "a", "\x00", "é", b64url(b"c:1\no:2"), b64url(b"u:" + b"z" * 13)]
)
def test_a_payload_without_a_user_tells_none(payload: str) -> None:
    assert GITLAB_ROUTABLE.facts(f"glpat-{payload}.01.0abcdefgh") == {}
