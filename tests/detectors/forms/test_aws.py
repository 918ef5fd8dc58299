from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.engine import Engine
from detectors.forms.aws import AWS_KEY
from tests.detectors.looking import look, told


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


def drawn(seed: str, size: int) -> bytes:
    return hashlib.shake_256(seed.encode()).digest(size)


ID, OTHER_ID = ("ASIA" + base64.b32encode(drawn(seed, 10)).decode() for seed in ("id", "other id"))
SECRET, OTHER = (base64.b64encode(drawn(seed, 30)).decode() for seed in ("one", "other"))
TOKEN = "FwoGZXIvYXdz" + base64.b64encode(drawn("token", 247)).decode()
SESSION = f"{ID}:{SECRET}:{TOKEN}"
PROFILES = (
    f"[a]\naws_access_key_id = {OTHER_ID}\naws_secret_access_key = {OTHER}\n\n"
    f"[b]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
)


@pytest.mark.parametrize(
    "text",
    [
        f"export AWS_ACCESS_KEY_ID={ID}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\nexport AWS_SESSION_TOKEN={TOKEN}\n",
        f'{{"Credentials": {{"AccessKeyId": "{ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{TOKEN}", "Expiration": "2026-01-01T00:00:00Z"}}}}',
        f'{{\n  "AccessKeyId" : "{ID}",\n  "SecretAccessKey" : "{SECRET}",\n  "Token" : "{TOKEN}"\n}}',
        f"<AccessKeyId>{ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>{TOKEN}</SessionToken>",
        f'$Env:AWS_ACCESS_KEY_ID="{ID}"\r\n$Env:AWS_SECRET_ACCESS_KEY="{SECRET}"\r\n$Env:AWS_SESSION_TOKEN="{TOKEN}"\r\n',
    ],
)  # fmt: skip
def test_a_sessions_three_parts_are_one_credential_however_they_are_written(
    engine: Engine, text: str
) -> None:
    found = [(kind, secret) for kind, secret, _ in told(look(engine, text))]
    assert found == [("aws_session_credentials", SESSION)]


def test_a_key_without_a_session_token_stays_a_pair_beside_one_that_has_it(engine: Engine) -> None:
    found = {(kind, secret) for kind, secret, _ in told(look(engine, PROFILES))}
    assert found == {
        ("aws_session_key", f"{OTHER_ID}:{OTHER}"),
        ("aws_session_credentials", SESSION),
    }


@pytest.mark.parametrize(
    "between", [f"token {OTHER} ", f"{OTHER_ID} token=", "x" * 300 + " token=", "cache="]
)
def test_what_is_not_named_as_the_secrets_token_is_none(engine: Engine, between: str) -> None:
    found = told(look(engine, f"{ID} {SECRET}\n{between}{TOKEN}"))
    assert "aws_session_credentials" not in {kind for kind, _, _ in found}
