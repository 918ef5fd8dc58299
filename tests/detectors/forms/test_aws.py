from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.forms.aws import AWS_KEY


def key_id(account: int, first: str = "AKIA") -> str:
    number = (account << 7 | 1 << 47).to_bytes(6, "big") + bytes(4)
    return first + base64.b32encode(number).decode()


@given(account=st.integers(0, 10**12 - 1), first=st.sampled_from(["AKIA", "ASIA"]))
def test_a_key_id_tells_its_account(account: int, first: str) -> None:
    key = key_id(account, first)
    told = AWS_KEY.facts(key + ":" + "x" * 40)
    assert told == {"key_id": key, "account_id": f"{account:012d}"}


@pytest.mark.parametrize("key", ["AKIAI" + "A" * 15, "AKIAJ" + "A" * 15, key_id(10**12)])
def test_a_key_id_that_holds_no_account_tells_none(key: str) -> None:
    assert AWS_KEY.facts(key + ":x") == {"key_id": key}
