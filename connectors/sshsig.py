"""Signatures made by `ssh-keygen -Y sign`, as git puts them into commits: who really signed.

The form is https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.sshsig, keys and
signatures are RFC 4253, 5656, 8332 and 8709. What is not understood counts as no signature.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key

from connectors.public_half import fingerprint

_HEAD, _TAIL = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"
_MAGIC, _VERSION = b"SSHSIG", b"\0\0\0\1"
_LARGEST = 16 * 1024  # an RSA key of 16384 bits and its signature come to less than 6 KiB
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_RSA: dict[bytes, HashAlgorithm] = {b"rsa-sha2-256": SHA256(), b"rsa-sha2-512": SHA512()}
_ECDSA: dict[bytes, HashAlgorithm] = {
    b"ecdsa-sha2-nistp256": SHA256(),
    b"ecdsa-sha2-nistp384": SHA384(),
    b"ecdsa-sha2-nistp521": SHA512(),
}
_SORTS = frozenset({b"ssh-ed25519", b"ssh-rsa", *_ECDSA})
_RSA_LEAST_BITS, _RSA_MOST_BITS = 2048, 8192  # a shorter one is forged, a longer one takes its time
_FAULTS = (
    ValueError, TypeError, OverflowError, NotImplementedError, InvalidSignature, UnsupportedAlgorithm,
)  # fmt: skip


def signer(message: bytes, armoured: bytes, namespace: bytes) -> str:
    """Return the fingerprint of the key that signed `message` for `namespace`, as `ssh-keygen -l`
    prints it; "" where the text is no signature, of a sort not known here, or does not verify.
    """
    try:
        line = _verified(message, _blob(armoured), namespace)
    except _FAULTS:
        return ""
    return fingerprint(line)


def _blob(armoured: bytes) -> bytes:
    text = armoured.strip()
    if len(text) > _LARGEST or not (text.startswith(_HEAD + b"\n") and text.endswith(_TAIL)):
        raise ValueError("no armour")
    body = text[len(_HEAD) : -len(_TAIL)]
    return base64.b64decode(b"".join(body.split()), validate=True)


def _verified(message: bytes, blob: bytes, namespace: bytes) -> bytes:
    """Return the public key; raises one of _FAULTS where the signature is not its."""
    if blob[:10] != _MAGIC + _VERSION:
        raise ValueError("another form")
    line, given, reserved, digest, signature = _strings(blob[10:], 5)
    if given != namespace or digest not in _HASHES:
        raise ValueError("another purpose, or digest")
    signed = (given, reserved, digest, _HASHES[digest](message).digest())
    _check(line, signature, _MAGIC + b"".join(map(_string, signed)))
    return line


def _check(line: bytes, signature: bytes, data: bytes) -> None:
    sort = _string_at(line)[0]
    if sort not in _SORTS:
        raise ValueError("a sort of key not known here")
    key = load_ssh_public_key(sort + b" " + base64.b64encode(line))
    made_by, value = _strings(signature, 2)
    if isinstance(key, Ed25519PublicKey) and made_by == sort:
        key.verify(value, data)
    elif isinstance(key, EllipticCurvePublicKey) and made_by == sort:
        first, second = (int.from_bytes(part, signed=True) for part in _strings(value, 2))
        key.verify(encode_dss_signature(first, second), data, ECDSA(_ECDSA[sort]))
    elif isinstance(key, RSAPublicKey) and made_by in _RSA:
        if not _RSA_LEAST_BITS <= key.key_size <= _RSA_MOST_BITS:
            raise ValueError("a key of another size")
        # OpenSSH drops leading zeros (ssh_rsa_verify in ssh-rsa.c)
        key.verify(value.rjust(key.key_size + 7 >> 3, b"\0"), data, PKCS1v15(), _RSA[made_by])
    else:
        raise ValueError("another sort of signature")


def _strings(data: bytes, count: int) -> list[bytes]:
    found = []
    for _ in range(count):
        one, data = _string_at(data)
        found.append(one)
    if data:
        raise ValueError("something follows")
    return found


def _string_at(data: bytes) -> tuple[bytes, bytes]:
    end = 4 + int.from_bytes(data[:4])
    if len(data) < max(end, 4):
        raise ValueError("cut off")
    return data[4:end], data[end:]


def _string(one: bytes) -> bytes:
    return len(one).to_bytes(4) + one
