"""Real signatures of `ssh-keygen` hold; what differs from them in anything does not."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sshsig import signer
from tests.connectors.gitrepo import key_fingerprint, new_key

SORTS = (
    ("ed25519", 0, "sha512"),
    ("ed25519", 0, "sha256"),
    ("ecdsa", 256, "sha512"),
    ("ecdsa", 384, "sha256"),
    ("ecdsa", 521, "sha512"),
    ("rsa", 2048, "sha512"),
)
TEXT = b"tree 1\n\nwhat is signed\n"
HEAD, TAIL = b"-----BEGIN SSH SIGNATURE-----\n", b"\n-----END SSH SIGNATURE-----"


def sign(key: Path, text: bytes = TEXT, namespace: str = "git", digest: str = "sha512") -> bytes:
    words = ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-O", f"hashalg={digest}"]
    words += ["-f", str(key)]
    return subprocess.run(words, input=text, check=True, capture_output=True).stdout


def opened(armoured: bytes) -> bytes:
    return base64.b64decode(armoured.strip().removeprefix(HEAD).removesuffix(TAIL))


def closed(blob: bytes) -> bytes:
    return HEAD + base64.encodebytes(blob).rstrip() + TAIL


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_key(tmp_path_factory.mktemp("keys") / "key", "ed25519")


@pytest.fixture(scope="module")
def good(key: Path) -> bytes:
    return sign(key)


@pytest.mark.parametrize(("sort", "bits", "digest"), SORTS)
def test_a_real_signature_names_its_key_and_no_other_text(
    tmp_path: Path, sort: str, bits: int, digest: str
) -> None:
    made = new_key(tmp_path / "key", sort, bits)
    armoured = sign(made, digest=digest)
    assert signer(TEXT, armoured, b"git") == key_fingerprint(made)
    assert signer(TEXT, closed(opened(armoured)), b"git") == key_fingerprint(made)
    assert signer(TEXT + b" ", armoured, b"git") == ""
    assert signer(TEXT, armoured, b"file") == ""


def test_a_signature_for_another_purpose_is_none(key: Path) -> None:
    assert signer(TEXT, sign(key, namespace="file"), b"git") == ""


def test_the_signature_of_another_key_is_none(key: Path, good: bytes, tmp_path: Path) -> None:
    other = opened(sign(new_key(tmp_path / "other", "ed25519")))
    mine = opened(good)
    line = slice(10, 10 + 4 + 51)
    assert (len(mine), mine[:10]) == (len(other), other[:10])
    swapped = mine[:10] + other[line] + mine[line.stop :]
    assert signer(TEXT, closed(swapped), b"git") == ""
    assert signer(TEXT, closed(other), b"git") not in ("", key_fingerprint(key))


def test_a_weak_key_proves_nothing(tmp_path: Path) -> None:
    assert signer(TEXT, sign(new_key(tmp_path / "key", "rsa", 1024)), b"git") == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-40],
        lambda text: text.replace(b"SSH", b"PGP"),
        lambda text: b"x" + text,
        lambda text: text + b"x",
        lambda text: text.replace(b"U1NI", b"U1*I", 1),
        lambda _: HEAD + b"A" * 64_000_000 + TAIL,
        lambda _: HEAD + TAIL,
        lambda _: HEAD,
        lambda _: b"",
        lambda _: closed(b"SSHSIG\0\0\0\1"),
        lambda _: closed(b"SSHSIG\0\0\0\1" + b"\xff" * 90),
        lambda text: closed(opened(text) + b"\0\0\0\0"),
        lambda text: closed(opened(text).replace(b"SSHSIG\0\0\0\1", b"SSHSIG\0\0\0\2")),
        lambda text: closed(opened(text).replace(b"sha512", b"sha384")),
        lambda text: closed(opened(text).replace(b"ssh-ed25519", b"ssh-ed25518")),
        lambda text: closed(opened(text)[::-1]),
    ],
    ids=range(16),
)
def test_what_is_no_signature(good: bytes, change: object) -> None:
    assert callable(change)
    assert signer(TEXT, change(good), b"git") == ""


@pytest.fixture(scope="module")
def every_sort(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("every")
    sorts = {(sort, bits) for sort, bits, _ in SORTS}
    return [opened(sign(new_key(folder / f"{s}{b}", s, b))) for s, b in sorted(sorts)]


@given(sort=st.integers(0, 4), place=st.floats(0, 1, exclude_max=True), to=st.integers(0, 255))
def test_no_changed_byte_verifies(
    every_sort: list[bytes], sort: int, place: float, to: int
) -> None:
    blob = bytearray(every_sort[sort])
    at = int(place * len(blob))
    if blob[at] != to:
        blob[at] = to
        assert signer(TEXT, closed(bytes(blob)), b"git") == ""


def test_a_key_that_is_no_point_of_a_curve_is_none(every_sort: list[bytes]) -> None:
    (blob,) = (one for one in every_sort if b"nistp256" in one[:60])
    point = blob.index(b"nistp256\0\0\0\x41\4") + 12
    for first in (0, 2, 3, 5):
        forged = blob[:point] + bytes([first]) + blob[point + 1 :]
        assert signer(TEXT, closed(forged), b"git") == ""


@given(st.binary(max_size=300))
def test_no_text_raises(text: bytes) -> None:
    assert signer(TEXT, closed(text), b"git") == ""
    assert signer(TEXT, closed(b"SSHSIG\0\0\0\1" + text), b"git") == ""
    assert signer(TEXT, text, b"git") == ""
