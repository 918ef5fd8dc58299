from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from connectors.signed_statement import signed_statement
from correlate.errors import ConfigError
from correlate.secret import Secret


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_what_is_said_is_signed() -> None:
    key = rsa.generate_private_key(65537, 2048)
    said = signed_statement({"iss": "me", "n": 1}, Secret(pem(key)), "here", "fix").reveal()
    head, claims, signature = said.split(".")
    key.public_key().verify(
        plain(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    assert json.loads(plain(head)) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(plain(claims)) == {"iss": "me", "n": 1}
    assert "=" not in said


@pytest.mark.parametrize("text", ["", "no key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_is_none_is_named_by_its_setting(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        signed_statement({}, Secret(text), "people.x.key", "give another")
    assert caught.value.where == "people.x.key"
