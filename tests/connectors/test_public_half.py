from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from connectors.public_half import Locked, fingerprint, listed, spki, ssh_line

KEY = ed25519.Ed25519PrivateKey.generate()
LINE = KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
DATA = base64.b64decode(LINE.split()[1])


def counted(data: bytes) -> bytes:
    return len(data).to_bytes(4) + data


def test_both_forms_of_the_public_half_are_those_of_the_key() -> None:
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    assert ssh_line(pem) == DATA
    whole = KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert spki(pem) == whole
    assert fingerprint(DATA).startswith("SHA256:")


def test_an_encrypted_openssh_key_is_locked() -> None:
    raw = b"openssh-key-v1\0" + counted(b"aes256-ctr") + counted(b"bcrypt")
    raw += counted(counted(bytes(16)) + (16).to_bytes(4)) + (1).to_bytes(4)
    raw += counted(DATA) + counted(bytes(64))
    name, text = "OPENSSH PRIVATE " + "KEY", base64.encodebytes(raw).decode()
    with pytest.raises(Locked):
        ssh_line(f"-----BEGIN {name}-----\n{text}-----END {name}-----\n")


def test_keys_are_read_from_lines_with_and_without_options() -> None:
    text = f'# x\n{LINE.decode()} jane\nno-pty,command="a b" {LINE.decode()}\nssh-rsa AAAA\n'
    assert listed(text) == {DATA}


@given(st.text())
def test_any_text_is_a_list(text: str) -> None:
    assert DATA not in listed(text)


@pytest.mark.parametrize("text", ["", "x", "x" * 100_000])
def test_what_is_no_key_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"key"):
        ssh_line(text)
