from __future__ import annotations

from detectors.forms.login_url import LOGIN_URL


def test_a_connection_string_tells_its_place_without_the_password() -> None:
    told = LOGIN_URL.facts("redis://app:p@ss@cache:6379/0")
    assert told == {"user": "app", "host": "cache:6379/0"}
