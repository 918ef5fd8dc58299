"""The public half of a private key: what inventories list, and what may be compared in the open."""

from __future__ import annotations

import base64
import binascii
import hashlib
import warnings
from itertools import pairwise
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)

from correlate.listed import Hint

_FAULTS = (ValueError, TypeError, UnsupportedAlgorithm, IndexError, OverflowError, AttributeError)
_SSH = "BEGIN OPENSSH PRIVATE KEY"
_ENCRYPTED = ("BEGIN ENCRYPTED PRIVATE KEY", "Proc-Type: 4,ENCRYPTED")
_TEXT_MAX = 64 * 1024


class Locked(Exception):
    """The key is encrypted: without its passphrase nothing is known of its public half."""


def ssh_line(pem: str) -> bytes:
    """Return the public half in the binary form of RFC 4253, as authorized_keys has it in base64.

    Raises Locked for an encrypted key, and ValueError for a text that is no key SSH can use.
    """
    return base64.b64decode(_public(pem, Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def spki(pem: str) -> bytes:
    """Return the public half as a DER SubjectPublicKeyInfo; raises as `ssh_line` does."""
    return _public(pem, Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(line: bytes) -> str:
    """Return the fingerprint of a public key as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(line).digest()).decode().rstrip("=")


def hint(line: object) -> tuple[Hint, ...]:
    """Return what tells the key of an authorized_keys line, as an API may give it, when its
    private half is found; nothing for a value that is no such line.
    """
    held = listed(line) if isinstance(line, str) else ()
    return tuple(Hint("ssh", fingerprint(one)) for one in held)


def listed(text: str) -> frozenset[bytes]:
    """Return the public keys of a text in the form of authorized_keys, options before them or not.

    Lines that hold none are passed over. https://man.openbsd.org/sshd#AUTHORIZED_KEYS_FILE_FORMAT
    """
    found = set()
    for line in text.splitlines():
        words = line.split()
        for sort, word in pairwise(words):
            try:
                data = base64.b64decode(word, validate=True)
            except (binascii.Error, ValueError):
                continue
            if data[4 : 4 + int.from_bytes(data[:4])] == sort.encode():
                found.add(data)
                break
    return frozenset(found)


def _public(pem: str, encoding: Encoding, form: PublicFormat) -> bytes:
    if len(pem) > _TEXT_MAX:
        raise ValueError("longer than any key")
    if any(mark in pem for mark in _ENCRYPTED):
        raise Locked
    load: Any = load_ssh_private_key if _SSH in pem else load_pem_private_key
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old sorts of keys are what we look for
            # whether its primes are primes takes seconds, and is nobody's question here
            key = load(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
            return bytes(key.public_key().public_bytes(encoding, form))
    except _FAULTS as fault:
        locked = isinstance(fault, TypeError | ValueError) and "assword" in str(fault)
    if locked:
        raise Locked
    raise ValueError("the text is not a private key that can be read")
