"""A login by an assertion that we sign ourselves: a SAML 2.0 bearer assertion (RFC 7522), changed
for a token.

Its XML is written in the form that exclusive canonicalisation would give it
(https://www.w3.org/TR/xml-exc-c14n/), so that what is signed (https://www.w3.org/TR/xmldsig-core1/)
is what stands there.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.http import Http
from connectors.listing import bearer
from connectors.oauth import asked_token
from correlate.errors import ConfigError
from correlate.secret import Secret

_GRANT = "urn:ietf:params:oauth:grant-type:saml2-bearer"
_EARLIER, _LATER = timedelta(minutes=5), timedelta(minutes=10)  # for a clock that is off
_DSIG = "http://www.w3.org/2000/09/xmldsig#"
_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@dataclass(frozen=True, slots=True)
class SamlLogin:
    """Says that we act for `user`, to `audience`. `form` goes along with the assertion,
    `attributes` stand in it.
    """

    token_url: str
    issuer: str
    audience: str
    user: str
    private_key: Secret
    attributes: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def headers(self, http: Http, now: datetime, system: str) -> dict[str, Secret]:
        """Return the header with a fresh token. Raises AuthError when the login is refused, and
        ConfigError for a key that is none.
        """
        signed = self.assertion(now, f"_{uuid.uuid4()}")
        form = {
            **self.form,
            "grant_type": _GRANT,
            "assertion": base64.b64encode(signed.encode()).decode(),
        }
        return bearer(asked_token(http, self.token_url, form, system))

    def assertion(self, now: datetime, number: str) -> str:
        """Return the signed assertion."""
        head, rest = self._unsigned(now, number)
        digest = _based(hashlib.sha256((head + rest).encode()).digest())
        info = _signed_info(number, digest)
        declared = info.replace("<ds:SignedInfo>", f'<ds:SignedInfo xmlns:ds="{_DSIG}">', 1)
        signature = self._key().sign(declared.encode(), padding.PKCS1v15(), hashes.SHA256())
        return (
            f'{head}<ds:Signature xmlns:ds="{_DSIG}">{info}<ds:SignatureValue>'
            f"{_based(signature)}</ds:SignatureValue></ds:Signature>{rest}"
        )

    def _unsigned(self, now: datetime, number: str) -> tuple[str, str]:
        """Return the assertion in two parts: the signature stands after the issuer."""
        at, until = _instant(now), _instant(now + _LATER)
        head = (
            f'<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="{number}"'
            f' IssueInstant="{at}" Version="2.0">'
            f"<saml2:Issuer>{_text(self.issuer)}</saml2:Issuer>"
        )
        attributes = "".join(
            f'<saml2:Attribute Name="{escape(name)}"><saml2:AttributeValue>{_text(value)}'
            "</saml2:AttributeValue></saml2:Attribute>"
            for name, value in self.attributes.items()
        )
        rest = (
            "<saml2:Subject>"
            '<saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">'
            f"{_text(self.user)}</saml2:NameID>"
            '<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<saml2:SubjectConfirmationData NotOnOrAfter="{until}"'
            f' Recipient="{escape(self.token_url)}"></saml2:SubjectConfirmationData>'
            "</saml2:SubjectConfirmation></saml2:Subject>"
            f'<saml2:Conditions NotBefore="{_instant(now - _EARLIER)}" NotOnOrAfter="{until}">'
            f"<saml2:AudienceRestriction><saml2:Audience>{_text(self.audience)}</saml2:Audience>"
            "</saml2:AudienceRestriction></saml2:Conditions>"
            f'<saml2:AuthnStatement AuthnInstant="{at}"><saml2:AuthnContext>'
            "<saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509"
            "</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
            f"<saml2:AttributeStatement>{attributes}</saml2:AttributeStatement></saml2:Assertion>"
        )
        return head, rest

    def _key(self) -> rsa.RSAPrivateKey:
        try:
            key = serialization.load_pem_private_key(self.private_key.reveal().encode(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ConfigError(
                "A key cannot be used", where="private_key", why="it is no RSA key in PEM",
                fix="give the key whose certificate is registered with the OAuth client",
            )  # fmt: skip
        return key


def _signed_info(number: str, digest: str) -> str:
    return (
        f'<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{_C14N}">'
        "</ds:CanonicalizationMethod>"
        f'<ds:SignatureMethod Algorithm="{_RSA_SHA256}"></ds:SignatureMethod>'
        f'<ds:Reference URI="#{number}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{_DSIG}enveloped-signature"></ds:Transform>'
        f'<ds:Transform Algorithm="{_C14N}"></ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{_SHA256}"></ds:DigestMethod>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: str) -> str:
    return escape(value, quote=False)


def _based(data: bytes) -> str:
    return base64.b64encode(data).decode()
