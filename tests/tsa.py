"""A time-stamping authority: openssl's, with certificates made for the test."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.connectors.wire import Asked, Told
from tests.services import program

STAMPS, MAIL = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION
DAY = dt.timedelta(days=1)
_CONFIG = """\
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/chain.pem
default_policy = 1.2.3.4.1
digests = {digests}
signer_digest = sha256
"""


@dataclass(frozen=True, slots=True)
class Maker:
    """Who signs certificates: its own one, and the key of that."""

    made: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def certified(
    name: str,
    by: Maker | None = None,
    *,
    uses: tuple[x509.ObjectIdentifier, ...] = (STAMPS,),
    critical: bool = True,
    issues: bool = False,
    days: tuple[int, int] = (-1, 1),
    number: int | None = None,
) -> Maker:
    """Return a new key with a certificate, valid between two days from now; without `by` a root."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    issues = issues or by is None
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.made.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(number or x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(issues, None), critical=True)
    )
    if by is not None and uses:
        built = built.add_extension(x509.ExtendedKeyUsage(uses), critical)
    return Maker(built.sign(by.key if by else key, hashes.SHA256()), key)


def pem(*certificates: Maker) -> bytes:
    """Return the certificates in PEM."""
    return b"".join(one.made.public_bytes(serialization.Encoding.PEM) for one in certificates)


@dataclass(frozen=True, slots=True)
class Tsa:
    """One authority, its files in `folder`. Called with what was asked over HTTP, it answers."""

    folder: Path

    @classmethod
    def made(
        cls, folder: Path, signer: Maker, *chain: Maker, digests: str = "sha256, sha512"
    ) -> Tsa:
        folder.mkdir()
        (folder / "tsa.pem").write_bytes(pem(signer))
        (folder / "chain.pem").write_bytes(pem(signer, *chain))
        (folder / "tsa.key").write_bytes(
            signer.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        (folder / "serial").write_text("01\n")
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, digests=digests))
        return cls(folder)

    def __call__(self, asked: Asked) -> Told:
        assert asked.headers["content-type"] == "application/timestamp-query"
        return Told(200, self.reply(asked.body), "application/timestamp-reply")

    def reply(self, query: bytes) -> bytes:
        """Answer a request as openssl does."""
        (self.folder / "query").write_bytes(query)
        told = ("-queryfile", f"{self.folder}/query", "-out", f"{self.folder}/answer")
        openssl("ts", "-reply", "-config", f"{self.folder}/tsa.cnf", *told)
        return (self.folder / "answer").read_bytes()

    def signed_by(self, signer: Maker, token: bytes, *beside: Maker) -> bytes:
        """Return the token with what it says signed by somebody else, and certificates beside theirs."""
        other = Tsa.made(self.folder / "other", signer)
        (other.folder / "token").write_bytes(token)
        content = ("-noverify", "-inform", "DER", "-in", f"{other.folder}/token")
        openssl("cms", "-verify", *content, "-out", f"{other.folder}/said")
        if beside:
            (other.folder / "beside").write_bytes(pem(*beside))
        openssl(
            *("cms", "-sign", "-binary", "-nodetach", "-md", "sha256", "-outform", "DER"),
            *("-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", f"{other.folder}/said"),
            *("-signer", f"{other.folder}/tsa.pem", "-inkey", f"{other.folder}/tsa.key"),
            *("-out", f"{other.folder}/resigned"),
            *(("-certfile", f"{other.folder}/beside") if beside else ()),
        )
        return (other.folder / "resigned").read_bytes()


def openssl(*words: str) -> str:
    """Run openssl; return what it wrote."""
    ran = subprocess.run([program("openssl"), *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
