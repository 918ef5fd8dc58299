from __future__ import annotations

import pytest

from detectors.forms.mongodb_url import MONGODB_URL

PLACE = "mongodb://app:p@db.corp/app"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("", ""),
        ("?retryWrites=true&w=majority", ""),
        ("?authSource=admin", "?authSource=admin"),
        ("?retryWrites=true&authSource=admin&w=1", "?authSource=admin"),
        ("?w=1&amp;authsource=admin", "?authSource=admin"),
        ("?w=1\\u0026authSource=admin", "?authSource=admin"),
        ("?authSource=$external&authMechanism=PLAIN", "?authMechanism=PLAIN&authSource=$external"),
        ("?myauthSource=admin", ""),
    ],
)
def test_only_options_of_the_login_are_part_of_it(options: str, kept: str) -> None:
    assert MONGODB_URL.spelling(PLACE + options) == PLACE + kept


def test_a_connection_string_tells_its_place_without_the_password() -> None:
    told = MONGODB_URL.facts(f"{PLACE}?authSource=admin")
    assert told == {"user": "app", "host": "db.corp/app"}
