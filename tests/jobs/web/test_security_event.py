from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Rejected
from jobs.web.security_event import SecurityEvents, Settings, connect
from tests.jobs.web.signing import (
    AUDIENCE,
    ISSUER,
    NOW,
    TYPE,
    claims,
    handed,
    jwks,
    private,
    public_jwk,
    token,
)

HEAD = {"Content-Type": TYPE}


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> SecurityEvents:
    path = jwks(tmp_path_factory.mktemp("keys") / "jwks.json", "ec-1", "rsa-1")
    return connect("idp", Settings(path, ISSUER, AUDIENCE), "push[1]")


def seconds(count: float) -> int:
    return int((NOW + timedelta(seconds=count)).timestamp())


@pytest.mark.parametrize(("key", "alg"), [("ec-1", "ES256"), ("rsa-1", "RS256")])
def test_a_signed_event_is_taken_and_little_is_kept_of_it(
    sender: SecurityEvents, key: str, alg: str
) -> None:
    taken = sender.check(handed(HEAD, token(claims(), key, alg)))
    assert (taken.id, taken.events) == ("j-1", ("account-disabled",))
    assert "jane" not in repr(taken)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": AUDIENCE},
        {"iat": seconds(-3600)},
        {"iat": seconds(300)},
        {"exp": seconds(60)},
        {"sub": 7},
        {"nbf": seconds(9999)},
        {"iat": seconds(0) + 0.5},
    ],
)
def test_what_an_event_may_also_say(sender: SecurityEvents, changes: dict[str, object]) -> None:
    assert sender.check(handed(HEAD, token(claims(**changes)))).id == "j-1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"iss": "https://evil.example"}, "invalid_issuer"),
        ({"iss": ISSUER + "/"}, "invalid_issuer"),
        ({"iss": None}, "invalid_request"),
        ({"aud": "https://somebody.example"}, "invalid_audience"),
        ({"aud": []}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"iat": None}, "invalid_request"),
        ({"iat": seconds(-3601)}, "invalid_request"),
        ({"iat": seconds(301)}, "invalid_request"),
        ({"iat": "now"}, "invalid_request"),
        ({"iat": True}, "invalid_request"),
        ({"iat": 10**30}, "invalid_request"),
        ({"exp": seconds(0)}, "invalid_request"),
        ({"exp": "never"}, "invalid_request"),
        ({"jti": None}, "invalid_request"),
        ({"jti": 7}, "invalid_request"),
        ({"jti": ""}, "invalid_request"),
        ({"jti": "j" * 257}, "invalid_request"),
        ({"events": None}, "invalid_request"),
        ({"events": {}}, "invalid_request"),
        ({"events": ["x"]}, "invalid_request"),
    ],
)
def test_what_is_not_for_us_or_not_of_now_is_refused(
    sender: SecurityEvents, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(Rejected) as caught:
        sender.check(handed(HEAD, token(claims(**changes))))
    assert (caught.value.code, caught.value.status) == (code, 400)


def _part(value: object) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def _public(name: str) -> bytes:
    return private(name).public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


def _hs256_with_public_key() -> bytes:
    head = {"typ": "secevent+jwt", "alg": "HS256", "kid": "rsa-1"}
    signing = _part(head) + b"." + _part(claims())
    made = hmac.new(_public("rsa-1"), signing, hashlib.sha256).digest()
    return signing + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")


def _unsigned(alg: str) -> bytes:
    head = {"typ": "secevent+jwt", "alg": alg, "kid": "ec-1"}
    return _part(head) + b"." + _part(claims()) + b"."


FORGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "by another key of that name": (lambda: token(claims(), "ec-2", kid="ec-1"), "invalid_key"),
    "by a key nobody knows": (lambda: token(claims(), "ec-2"), "invalid_key"),
    "without a key's name": (lambda: token(claims(), kid=None), "invalid_key"),
    "without a signature": (lambda: _unsigned("none"), "invalid_key"),
    "without a signature, in capitals": (lambda: _unsigned("NONE"), "invalid_key"),
    "with its signature left out": (lambda: _unsigned("ES256"), "invalid_key"),
    "keyed with the public key": (_hs256_with_public_key, "invalid_key"),
    "by the right key in another way": (lambda: token(claims(), "rsa-1", "PS256"), "invalid_key"),
    "changed after it was signed": (
        lambda: b".".join([*(one := token(claims()).split(b"."))[:1], _part(claims(jti="j-2")), one[2]]),
        "invalid_key",
    ),
    "as a login": (lambda: token(claims(), typ="JWT"), "invalid_request"),
    "of no type": (lambda: token(claims(), typ=None), "invalid_request"),
    "no token": (lambda: b"hello", "invalid_request"),
    "nothing": (lambda: b"", "invalid_request"),
    "no text": (lambda: b"\xff\x00", "invalid_request"),
    "deep": (lambda: base64.urlsafe_b64encode(b"[" * 30_000) + b".e30.e30", "invalid_request"),
    "with a critical extension": (
        lambda: token(claims(), crit=["b64"], b64=True), "invalid_request",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", sorted(FORGED))
def test_what_is_not_the_senders_is_refused(sender: SecurityEvents, how: str) -> None:
    made, code = FORGED[how]
    with pytest.raises(Rejected) as caught:
        sender.check(handed(HEAD, made()))
    assert caught.value.code == code


def test_a_key_that_a_token_brings_along_is_not_used(sender: SecurityEvents) -> None:
    jwk = public_jwk("ec-2")
    for extra in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://e.example"}):
        with pytest.raises(Rejected, match="invalid_key"):
            sender.check(handed(HEAD, token(claims(), "ec-2", kid="ec-1", **extra)))


def test_the_content_type_is_the_agreed_one(sender: SecurityEvents) -> None:
    body = token(claims())
    assert sender.check(handed({"Content-Type": f"{TYPE.upper()}; charset=utf-8"}, body)).id
    for other in ("application/json", "application/jwt", ""):
        with pytest.raises(Rejected, match="invalid_request"):
            sender.check(handed({"Content-Type": other}, body))


def test_an_agreed_header_is_asked_for_first(sender: SecurityEvents) -> None:
    bearing = replace(sender, settings=replace(sender.settings, bearer=Secret("agreed-word")))
    good = HEAD | {"Authorization": "Bearer agreed-word"}
    assert bearing.check(handed(good, token(claims()))).id == "j-1"
    for bad in ("", "Bearer other", "Basic agreed-word", "Bearer", "Bearer ägreed"):
        with pytest.raises(Rejected, match="authentication_failed"):
            bearing.check(handed(HEAD | {"Authorization": bad}, b"no token"))


def test_a_foreign_event_has_no_name_of_its_own(sender: SecurityEvents) -> None:
    events: dict[str, object] = {
        "https://x.example/jane doe": {},
        "urn:ietf:params:scim:event:prov:delete:full": {},
    }
    taken = sender.check(handed(HEAD, token(claims(events=events))))
    assert taken.events == ("other", "urn:ietf:params:scim:event:prov:delete:full")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": {}}',
        '{"keys": []}',
        '{"keys": [7]}',
        '{"keys": [{"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}]}',
        '{"keys": [{"kty": "RSA", "kid": "a"}]}',
    ],
)
def test_keys_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        connect("idp", Settings(path, ISSUER, AUDIENCE), "push[1]")
    assert caught.value.where == "push[1].jwks_file"


def test_two_keys_of_one_name_a_private_one_and_a_shared_one_are_refused(tmp_path: Path) -> None:
    for names, more in (
        (("ec-1", "ec-2"), {"kid": "same"}),
        (("ec-1",), {"d": "AA"}),
        (("rsa-1",), {"alg": "HS256"}),
        (("rsa-1",), {"alg": "none"}),
    ):
        path = jwks(tmp_path / "jwks.json", *names, **more)
        with pytest.raises(ConfigError):
            connect("idp", Settings(path, ISSUER, AUDIENCE), "push[1]")


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": ""},
        {"audience": ""},
        {"max_age_seconds": 0},
        {"max_age_seconds": 86_401},
        {"jwks_file": Path("/nonexistent/jwks.json")},
    ],
)
def test_settings_that_would_let_others_in_are_refused(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    good = Settings(jwks(tmp_path / "jwks.json", "ec-1"), ISSUER, AUDIENCE)
    with pytest.raises(ConfigError):
        connect("idp", replace(good, **changes), "push[1]")  # type: ignore[arg-type]
