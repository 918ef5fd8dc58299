from __future__ import annotations

import base64

import pytest

from detectors.forms.basic_auth import BASIC_AUTH, DOCKER_AUTH

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing
LOGIN = base64.b64encode(f"svc:{WORD}".encode()).decode()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (LOGIN, {"user": "svc"}),
        (LOGIN.rstrip("="), {"user": "svc"}),
        (f'"hub.corp:5000": {{"auth": "{LOGIN}', {"user": "svc", "host": "hub.corp:5000"}),
        (
            f'\\"https://hub.corp/v1/\\": {{\\"auth\\": \\"{LOGIN}',
            {"user": "svc", "host": "hub.corp/v1/"},
        ),
    ],
)
def test_a_login_is_read_out_of_its_base64(text: str, facts: dict[str, str]) -> None:
    assert BASIC_AUTH.holds(text)
    assert BASIC_AUTH.facts(text) == facts
    assert BASIC_AUTH.spelling(text) == text
    assert DOCKER_AUTH.spelling(text) == f"login://svc:{WORD}@{facts.get('host', '')}"


@pytest.mark.parametrize(
    "plain", [b"no-colon-at-all", b"user:", b"\xff\xfe\xfd:abcdefgh", b"a\x00b:abcdefgh"]
)
def test_what_decodes_to_no_login_is_none(plain: bytes) -> None:
    assert not BASIC_AUTH.holds(base64.b64encode(plain).decode())
