"""Heads are signed with a key that is made once, and believed with no other."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from connectors.ledger_key import LedgerKey
from correlate.errors import ConfigError
from correlate.secret import Secret
from correlate.tree_head import TreeHead
from tests.correlate.cast import NOW

HEAD = TreeHead(7, NOW, "ab" * 32)


def pem(key: object = None) -> Secret:
    made = key or Ed25519PrivateKey.generate()
    return Secret(
        made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined]
    )


def test_a_key_is_made_on_first_need_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "ledger.key"
    key = LedgerKey(path)
    assert not path.parent.exists()
    signed = key.signed(HEAD)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["ledger.key"]
    assert LedgerKey(path).genuine(signed)
    assert LedgerKey(path).public == key.public


@pytest.mark.parametrize(
    "changed",
    [
        {"size": 8},
        {"root": "ac" * 32},
        {"at": NOW + timedelta(seconds=1)},
        {"signature": "00" * 64},
        {"signature": "0"},
        {"key": "00000000"},
    ],
)
def test_a_head_that_was_changed_is_not_genuine(tmp_path: Path, changed: dict[str, object]) -> None:
    key = LedgerKey(tmp_path / "k", pem())
    signed = key.signed(HEAD)
    assert key.genuine(signed)
    assert not key.genuine(replace(signed, **changed))  # type: ignore[arg-type]
    assert not (tmp_path / "k").exists()


def test_another_key_is_not_ours_unless_it_was_before(tmp_path: Path) -> None:
    old, new = LedgerKey(tmp_path, pem()), pem()
    signed = old.signed(HEAD)
    assert not LedgerKey(tmp_path, new).genuine(signed)
    assert LedgerKey(tmp_path, new, (old.public,)).genuine(signed)


@pytest.mark.parametrize("given", [Secret("no key"), pem(generate_private_key(SECP256R1()))])
def test_what_is_no_key_of_this_sort_is_refused(tmp_path: Path, given: Secret) -> None:
    with pytest.raises(ConfigError, match="openssl genpkey"):
        LedgerKey(tmp_path, given).signed(HEAD)


@pytest.mark.parametrize("former", ["xyz", "ab"])
def test_a_former_key_that_is_none_is_refused(tmp_path: Path, former: str) -> None:
    key = LedgerKey(tmp_path, pem(), (former,))
    with pytest.raises(ConfigError, match="former_keys"):
        key.genuine(HEAD)


def test_the_key_is_not_shown(tmp_path: Path) -> None:
    assert repr(LedgerKey(tmp_path, pem())) == "LedgerKey()"
