from __future__ import annotations

import pytest

from detectors.engine import Engine
from detectors.forms.gitlab import GITLAB_ROUTABLE
from tests.detectors.forms.spelled import b64url
from tests.detectors.looking import look


def test_a_routable_token_tells_its_user() -> None:
    payload = b64url(b"\x00" * 16 + b"\nc:1\no:2\nu:rs\n")
    assert GITLAB_ROUTABLE.facts(f"glpat-{payload}.01.0abcdefgh") == {"user_id": "1000"}


@pytest.mark.parametrize(
    "payload", ["", "a", "\x00", "é", b64url(b"c:1\no:2"), b64url(b"u:" + b"z" * 13)]
)
def test_a_payload_without_a_user_tells_none(payload: str) -> None:
    assert GITLAB_ROUTABLE.facts(f"glpat-{payload}.01.0abcdefgh") == {}


@pytest.mark.parametrize("suffix", ["", ".01.0abcdefgh"])
def test_a_runners_token_is_taken_with_its_routing(engine: Engine, suffix: str) -> None:
    token = "glrt-t3_" + "kD8mQ2vX5pLw9zR7" + "nB4cT1yHj6F" + suffix
    assert [found.secret.reveal() for found in look(engine, f"token: {token}\n")] == [token]
