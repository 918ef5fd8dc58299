from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from xml.etree.ElementTree import canonicalize, fromstring

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.http import Http, Policy
from connectors.saml_bearer import SamlLogin
from correlate.errors import AuthError, ConfigError
from correlate.secret import Secret
from tests.connectors.wire import Told, answering

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
LOGIN = SamlLogin(
    "https://sf.example/oauth/token", "issuer & <son>", "www.sf.example", 'o"k<ey>', Secret(PEM),
    {"api_key": "a&b"}, {"company_id": "acme"},
)  # fmt: skip
SIGNATURE = re.compile(r"<ds:Signature .*</ds:Signature>")


def test_what_is_signed_is_what_a_verifier_sees() -> None:
    """As https://www.w3.org/TR/xmldsig-core1/ has it: the digest is of the canonical assertion
    without its signature, the signature of the canonical SignedInfo with the digest in it.
    """
    xml = LOGIN.assertion(NOW, "_1")
    bare = canonicalize(SIGNATURE.sub("", xml))
    assert bare == SIGNATURE.sub("", xml), "it is written in canonical form"
    digest = base64.b64encode(hashlib.sha256(bare.encode()).digest()).decode()
    assert f"<ds:DigestValue>{digest}</ds:DigestValue>" in xml
    (info,) = re.findall(r"<ds:SignedInfo>.*</ds:SignedInfo>", xml)
    alone = info.replace("<ds:SignedInfo>", '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">')  # fmt: skip
    assert canonicalize(alone) == alone
    (value,) = re.findall(r"<ds:SignatureValue>(.*)</ds:SignatureValue>", xml)
    KEY.public_key().verify(
        base64.b64decode(value), alone.encode(), padding.PKCS1v15(), hashes.SHA256()
    )


def test_it_says_who_we_are_to_whom_and_until_when() -> None:
    saml = "{urn:oasis:names:tc:SAML:2.0:assertion}"
    root = fromstring(LOGIN.assertion(NOW, "_1"))  # noqa: S314 - our own text
    assert root.findtext(f"{saml}Issuer") == "issuer & <son>"
    assert root.findtext(f".//{saml}NameID") == 'o"k<ey>'
    assert root.findtext(f".//{saml}Audience") == "www.sf.example"
    assert root.findtext(f".//{saml}AttributeValue") == "a&b"
    conditions = root.find(f"{saml}Conditions")
    assert conditions is not None
    assert conditions.attrib == {
        "NotBefore": "2026-03-02T05:55:00Z", "NotOnOrAfter": "2026-03-02T06:10:00Z",
    }  # fmt: skip
    assert [child.tag.split("}")[1] for child in root][:3] == ["Issuer", "Signature", "Subject"]


def test_a_login_that_is_refused_or_a_key_that_is_none_is_told() -> None:
    http = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=5.0))
    with answering(lambda _: Told(401)) as base:
        login = SamlLogin(f"{base}/token", "i", "a", "u", Secret(PEM))
        with pytest.raises(AuthError):
            login.headers(http, NOW, "hr")
        with pytest.raises(ConfigError):
            SamlLogin(f"{base}/token", "i", "a", "u", Secret("none")).headers(http, NOW, "hr")
