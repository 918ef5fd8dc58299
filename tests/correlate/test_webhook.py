"""The signature that both ends of a Standard Webhook make."""

from __future__ import annotations

import base64
import secrets

import pytest

from correlate.errors import ConfigError
from correlate.secret import Secret
from correlate.webhook import KEY_MIN, signature, signing_key

KEY = secrets.token_bytes(32)


@pytest.mark.parametrize("prefix", ["whsec_", ""])
def test_a_key_is_read_as_it_is_shown(prefix: str) -> None:
    assert signing_key(Secret(prefix + base64.b64encode(KEY).decode()), "x.key") == KEY


@pytest.mark.parametrize("text", ["", "whsec_", "no base64", base64.b64encode(b"k" * (KEY_MIN - 1)).decode()])  # fmt: skip
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        signing_key(Secret(text), "x.key")
    assert caught.value.where == "x.key"
    assert len(text) < 5 or text not in str(caught.value)


def test_id_time_body_and_key_are_all_signed() -> None:
    told = [("1", "2", b"3"), ("0", "2", b"3"), ("1", "0", b"3"), ("1", "2", b"0")]
    made = {signature(KEY, *one) for one in told} | {signature(KEY[1:], *told[0])}
    assert len(made) == 5
    assert signature(KEY, *told[0]) in made
