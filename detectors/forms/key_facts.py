"""What a private key says of itself: its sort, its size, and its public half's fingerprint."""

from __future__ import annotations

import base64
import binascii
import hashlib
import warnings
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

_SORTS = (
    (rsa.RSAPrivateKey, "RSA"),
    (ec.EllipticCurvePrivateKey, "ECDSA"),
    (ed25519.Ed25519PrivateKey, "Ed25519"),
    (ed448.Ed448PrivateKey, "Ed448"),
    (dsa.DSAPrivateKey, "DSA"),
)
_OPENSSH = b"openssh-key-v1\0"
_ENCRYPTED = ("BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")
_UNREADABLE = {"readable": "no"}


def key_facts(pem: str) -> Mapping[str, str]:
    """Return the facts of a key as RFC 7468 or OpenSSH writes it, encrypted or not; "readable" is
    "no" where it cannot be parsed. Never raises.
    """
    try:
        if "BEGIN OPENSSH" in pem:
            return _openssh(pem)
        if any(mark in pem for mark in _ENCRYPTED):
            return {"encrypted": "yes"}
        return _plain(_loaded(pem)) | {"encrypted": "no"}
    except (ValueError, TypeError, UnsupportedAlgorithm, IndexError, OverflowError):
        return _UNREADABLE


def _loaded(pem: str) -> Any:
    load: Any = load_ssh_private_key if "BEGIN OPENSSH" in pem else load_pem_private_key
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # old sorts of keys are what we look for
        # whether its primes are primes takes seconds, and is nobody's question here
        return load(pem.encode(), None, unsafe_skip_rsa_key_validation=True)


def _plain(key: Any) -> dict[str, str]:
    told = {}
    for sort, name in _SORTS:
        if isinstance(key, sort):
            told["key_type"] = name
    if hasattr(key, "key_size"):
        told["bits"] = str(key.key_size)
    try:
        line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, UnsupportedAlgorithm, AttributeError):
        return told  # of a sort that SSH does not know
    return told | {"fingerprint": _fingerprint(base64.b64decode(line.split()[1]))}


def _openssh(pem: str) -> Mapping[str, str]:
    """The public half stands before what may be encrypted:
    https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key.
    """
    try:
        raw = base64.b64decode("".join(pem.splitlines()[1:-1]))
    except binascii.Error:
        return _UNREADABLE
    if not raw.startswith(_OPENSSH):
        return _UNREADABLE
    cipher, rest = _text(raw[len(_OPENSSH) :])
    _, rest = _text(rest)
    _, rest = _text(rest)
    public, _ = _text(rest[4:])
    told = {"fingerprint": _fingerprint(public), "encrypted": "no" if cipher == b"none" else "yes"}
    if told["encrypted"] == "yes":
        sort, _ = _text(public)
        return told | {"key_type": sort.decode("ascii", "replace")}
    return _plain(_loaded(pem)) | told


def _text(data: bytes) -> tuple[bytes, bytes]:
    """A text with its length before it, and what follows it."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 + length:
        raise ValueError("the key is cut short")
    return data[4 : 4 + length], data[4 + length :]


def _fingerprint(public: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")
