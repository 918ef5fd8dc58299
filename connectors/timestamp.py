"""Time stamps of the ledger's heads: asked for as RFC 3161 lays down, and believed only when they fit.

https://www.rfc-editor.org/rfc/rfc3161.html. What is stamped is the SHA-256 of the head's signed note, so
the authority learns nothing of the ledger. Whether a certificate was revoked is not asked.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    DuplicateExtension,
    ExtendedKeyUsage,
    ExtensionNotFound,
    InvalidVersion,
    UnsupportedGeneralNameType,
    load_der_x509_certificate,
    load_pem_x509_certificates,
)
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from connectors.der import sequence, with_sorted_certificates
from connectors.http import Call, Http, policy_of
from correlate.errors import ConfigError, Refused, Unavailable
from correlate.tree_head import HeadStamp, Said, TreeHead

_BODY_MAX = 65_536  # a token with its chain takes some 6 KB
_NAME_MAX = 200
_SHA256 = "2.16.840.1.101.3.4.2.1"
_GRANTED = bytes.fromhex("3003020100")  # PKIStatusInfo ::= SEQUENCE { status INTEGER 0 }
# RFC 3161, section 2.4.2
_STATUSES = {
    1: "it grants something else than was asked for", 2: "it rejects the request",
    3: "it has not decided yet", 4: "its certificate is about to be revoked",
    5: "its certificate was revoked",
}  # fmt: skip
# what is said of certificates that are none, and is no ValueError
_NO_CERTIFICATE = (
    DuplicateExtension, ExtensionNotFound, InvalidVersion, UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
)  # fmt: skip
SKEW = timedelta(minutes=5)  # by which the authority's clock may be behind ours


@dataclass(frozen=True, slots=True)
class Settings:
    """`roots` is a PEM file with the certificates that are believed, given by the authority's operator by
    another way. Public authorities speak plain http mostly: name those in `internal_hosts`; a stamp
    is proved by its signature, however it came.
    """

    url: str
    roots: Path
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 20.0


def connect(settings: Settings) -> TimeStamping:
    """Return what asks and checks; nothing is read or called before that."""
    policy = replace(policy_of(settings), body_max=_BODY_MAX)
    return TimeStamping(settings.url, settings.roots, Http(policy))


@dataclass(frozen=True)
class TimeStamping:
    """One authority, and the roots that its stamps, and those of earlier ones, are checked against."""

    url: str
    roots: Path
    http: Http = field(repr=False)

    @property
    def host(self) -> str:
        """The host that is asked."""
        return Call("POST", self.url).host

    def stamp(self, head: TreeHead) -> HeadStamp:
        """Ask for a stamp of the head and check it.

        Raises Unavailable where no answer came, Refused for one that is not to be believed, and
        ConfigError without usable roots, before anybody is asked.
        """
        _ = self._trusted
        builder = TimestampRequestBuilder().data(head.note.encode())
        asked = builder.hash_algorithm(HashAlgorithm.SHA256).cert_request(cert_request=True).build()
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}  # fmt: skip
        reply = self.http.send(Call("POST", self.url, headers, body=asked.as_bytes()))
        if reply.status != HTTPStatus.OK:
            raise Unavailable(
                "no time stamp came", where=self.host, why=f"status {reply.status}",
                fix="check `ledger.timestamp_url`; the next run asks again",
            )  # fmt: skip
        answer = self._read(reply.body)
        self._check(answer, head, asked.nonce)
        return HeadStamp(head, base64.b64encode(answer.time_stamp_token()).decode())

    def said(self, stamp: HeadStamp) -> Said:
        """Return what a kept stamp says of its head. Raises Refused where it does not fit it, and
        ConfigError without usable roots.
        """
        try:
            token = base64.b64decode(stamp.token, validate=True)
        except ValueError:
            raise self._unbelieved("it is no time stamp") from None
        # only tokens are kept; the library reads answers
        answer = self._read(sequence(_GRANTED + token))
        return self._check(answer, stamp.head, None)

    def ready(self) -> str:
        """Return in words whose stamps are believed. Raises ConfigError without usable roots."""
        names = ", ".join(_name(one) for one in self._trusted)
        return f"{self.host}, believed under {names}"

    def _read(self, body: bytes) -> TimeStampResponse:
        try:
            answer = decode_timestamp_response(with_sorted_certificates(body))
            if answer.status in _STATUSES:
                raise self._unbelieved(_STATUSES[answer.status])
            _ = answer.tst_info
        except ValueError:
            raise self._unbelieved("it is no time stamp") from None
        return answer

    def _check(self, answer: TimeStampResponse, head: TreeHead, nonce: int | None) -> Said:
        """Raise Refused unless the stamp is of this head, and of somebody who is believed."""
        told, imprint = answer.tst_info, answer.tst_info.message_imprint
        digest = hashlib.sha256(head.note.encode()).digest()
        if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest:
            raise self._unbelieved("it is of something else than this head")
        if nonce is not None and told.nonce != nonce:
            raise self._unbelieved("it answers another request (nonce)")
        try:
            VerifierBuilder(roots=list(self._trusted)).build().verify(answer, digest)
            signer = _signer(answer)
        except (VerificationError, ValueError, *_NO_CERTIFICATE):
            raise self._unbelieved(
                "it is not signed, when it says it was, by a certificate for time stamps under "
                "`ledger.timestamp_roots`"
            ) from None
        if told.gen_time < head.at - SKEW:
            raise self._unbelieved("it is older than the head")
        return Said(told.gen_time, _name(signer))

    @cached_property
    def _trusted(self) -> tuple[Certificate, ...]:
        try:
            return tuple(load_pem_x509_certificates(self.roots.read_bytes()))
        except (OSError, ValueError) as error:
            raise ConfigError(
                "Time stamps cannot be checked", where="ledger.timestamp_roots",
                why=f"no certificates can be read from it ({type(error).__name__})",
                fix="save the authority's root certificate there, in PEM",
            ) from None  # fmt: skip

    def _unbelieved(self, why: str) -> Refused:
        return Refused(
            "a time stamp is not believed", where=self.host, why=why,
            fix="check `ledger.timestamp_url` and `ledger.timestamp_roots`",
        )  # fmt: skip


def _signer(answer: TimeStampResponse) -> Certificate:
    """Return whose signature it is, of an answer that is verified.

    Raises ValueError where the key is for more than time stamps (section 2.3), which the library does not
    look at, and where several certificates bear the name and number of the signer's: it looks at the
    uses of any of them, though the signature is checked with one.
    """
    (info,) = answer.signed_data.signer_infos
    held = map(load_der_x509_certificate, answer.signed_data.certificates)
    named = (info.issuer, info.serial_number)
    (found,) = (one for one in held if (one.issuer, one.serial_number) == named)
    try:
        issues = found.extensions.get_extension_for_class(BasicConstraints).value.ca
    except ExtensionNotFound:
        issues = False
    uses = found.extensions.get_extension_for_class(ExtendedKeyUsage).value
    if issues or len(uses) > 1:
        raise ValueError("the key is for more than time stamps")
    return found


def _name(certificate: Certificate) -> str:
    return certificate.subject.rfc4514_string()[:_NAME_MAX]
