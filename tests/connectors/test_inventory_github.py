from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from connectors.inventory_github import Settings, connect
from correlate.errors import ConfigError
from correlate.listed import Hint, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Inventory, Setup
from correlate.secret import Secret
from tests.connectors.inventory_contract import (
    EARLIER,
    LOGIN,
    NOW,
    InventoryContract,
    linked,
    login,
    page,
)
from tests.connectors.wire import Asked, Told, answering

NOWHERE = Path("/nonexistent")
OUTBOUND = {"orgs": ("acme",), "token": login()}
JANE = {"login": "jane", "id": 71, "type": "User"}


def grant(number: int) -> dict[str, object]:
    return {
        "id": number, "owner": JANE, "repository_selection": "all",
        "permissions": {"organization": {"members": "read"}, "repository": {"contents": "write"}},
        "access_granted_at": EARLIER, "token_expired": number == 2,
        "token_expires_at": None if number == 1 else "2026-12-24T00:00:00Z",
        "token_last_used_at": EARLIER, "token_id": 900 + number, "token_name": f"ci {number}",
    }  # fmt: skip


def authorisation(number: int) -> dict[str, object]:
    return {
        "login": "jane", "credential_id": number, "credential_type": "personal access token",
        "token_last_eight": f"abcdef{number:02}", "credential_authorized_at": EARLIER,
        "credential_accessed_at": EARLIER, "scopes": ["repo", "user"],
        "authorized_credential_note": "laptop", "authorized_credential_expires_at": None,
    }  # fmt: skip


PUBLIC = (
    ed25519.Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    .decode()
)


def key(number: int) -> dict[str, object]:
    return {
        "id": number, "key": PUBLIC, "title": f"deploy {number}", "read_only": True,
        "created_at": EARLIER, "added_by": "jane", "last_used": None, "enabled": True,
    }  # fmt: skip


def site_key(number: int) -> dict[str, object]:
    place = {"repository_id": 5} if number == 2 else {"repository_id": None}
    return {"id": number, "title": "laptop", "user_id": 71, "created_at": EARLIER, **place}


def site_token(number: int) -> dict[str, object]:
    return {
        "id": number, "user": {**JANE, "email": "jane@x.example"}, "note": "old",
        "token_last_eight": f"abcdef{number:02}", "created_at": EARLIER, "expires_at": None,
        "hashed_token": base64.b64encode(hashlib.sha256(bytes([number])).digest()).decode(),
        "scopes": ["repo"],
    }  # fmt: skip


def github(asked: Asked) -> Told:
    lists = {
        "/orgs/acme/personal-access-tokens": grant,
        "/orgs/acme/credential-authorizations": authorisation,
        "/repos/acme/shop/keys": key,
        "/admin/tokens": site_token,
        "/admin/keys": site_key,
    }
    if asked.path == "/orgs/acme/repos":
        return page([{"name": "shop"}])
    if asked.path not in lists:
        return Told(404, b"{}")
    return linked([lists[asked.path](number) for number in (1, 2, 3)], asked)


class Contract(InventoryContract):
    only: ClassVar[Mapping[str, bool]]

    def answer(self, asked: Asked) -> Told:
        return github(asked)

    def connect(self, base: str) -> Inventory:
        asked: dict[str, Any] = {
            "fine_grained": False, "saml": False, "deploy_keys": False, **self.only
        }  # fmt: skip
        settings = Settings(
            ("acme",), login(), base_url=base, internal_hosts=("127.0.0.1",), **asked
        )
        return connect(settings, Setup("gh", NOWHERE))


class TestFineGrained(Contract):
    only: ClassVar = {"fine_grained": True}
    path, container = "/personal-access-tokens", "acme: fine-grained tokens"

    def test_a_grant(self, taken: InventorySnapshot) -> None:
        first, second, _ = self.mine(taken)
        assert first.owners == (Identity("github", "jane"), Identity("github-id", "71"))
        assert (first.owner_is_person, first.state, first.expires) == (
            Truth.YES, RowState.ACTIVE, Truth.NO,
        )  # fmt: skip
        assert first.scopes == ("members:read", "contents:write")
        assert (second.state, second.expires) == (RowState.EXPIRED, Truth.YES)


class TestSaml(Contract):
    only: ClassVar = {"saml": True}
    path, container = "/credential-authorizations", "acme: SAML authorisations"

    def test_an_authorisation_is_told_by_its_last_eight(self, taken: InventorySnapshot) -> None:
        first = self.mine(taken)[0]
        assert [(hint.form, hint.value) for hint in first.hints] == [("last8", "abcdef01")]


class TestDeployKeys(Contract):
    only: ClassVar = {"deploy_keys": True}
    path, container = "/repos/acme/shop/keys", "acme/shop: deploy keys"

    def test_a_key_never_expires(self, taken: InventorySnapshot) -> None:
        first = self.mine(taken)[0]
        assert (first.expires, first.scopes, first.owner_name) == (Truth.NO, ("read",), "jane")

    def test_a_key_is_told_by_its_public_half(self, taken: InventorySnapshot) -> None:
        named = hashlib.sha256(base64.b64decode(PUBLIC.split()[1])).digest()
        wanted = "SHA256:" + base64.b64encode(named).decode().rstrip("=")
        assert self.mine(taken)[0].hints == (Hint("ssh", wanted),)


class TestServer(Contract):
    only: ClassVar = {"server": True}
    path, container = "/admin/tokens", "server: tokens"

    def test_a_token_is_told_by_its_digest(self, taken: InventorySnapshot) -> None:
        first = self.mine(taken)[0]
        assert {hint.form for hint in first.hints} == {"sha256", "last8"}
        assert Identity("mail", "jane@x.example") in first.owners


class TestServerKeys(Contract):
    only: ClassVar = {"server": True}
    path, container = "/admin/keys", "server: keys"

    def test_a_key_is_told_by_its_users_number(self, taken: InventorySnapshot) -> None:
        first, second, _ = self.mine(taken)
        assert first.owners == (Identity("github-id", "71"),)
        assert (first.what, second.what) == ("SSH key", "deploy key")


def test_an_app_proves_itself_and_reads_with_its_short_lived_token() -> None:
    private = rsa.generate_private_key(65537, 2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()

    def answer(asked: Asked) -> Told:
        said = asked.headers["authorization"].removeprefix("Bearer ")
        if asked.path == "/app/installations/5/access_tokens":
            head, claims, signature = said.split(".")
            private.public_key().verify(
                base64.urlsafe_b64decode(signature + "=="), f"{head}.{claims}".encode(),
                padding.PKCS1v15(), hashes.SHA256(),
            )  # fmt: skip
            assert json.loads(base64.urlsafe_b64decode(claims + "=="))["iss"] == "12"
            return Told(201, json.dumps({"token": LOGIN}).encode())
        return github(asked) if said == LOGIN else Told(401, b"{}")

    with answering(answer) as base:
        settings = Settings(
            ("acme",), None, "12", "5", Secret(pem), base_url=base, internal_hosts=("127.0.0.1",)
        )
        inventory = connect(settings, Setup("gh", NOWHERE))
        assert inventory.snapshot(NOW).gaps == ()


def test_without_a_login_or_with_a_bad_key_it_says_so() -> None:
    with pytest.raises(ConfigError):
        connect(Settings(("acme",)), Setup("gh", NOWHERE))
    bad = Settings(("acme",), None, "12", "5", Secret("no key"), internal_hosts=("127.0.0.1",))
    with pytest.raises(ConfigError) as caught:
        connect(bad, Setup("gh", NOWHERE)).snapshot(NOW)
    assert "no key" not in str(caught.value)
