from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from connectors.people_google import GooglePeople, Settings, connect
from correlate.errors import ConfigError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth, WorkerId
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.directory_contract import NOW, NOWHERE, TOKEN, DirectoryContract, asks, page
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering

TOKENS = "/token"
PRIVATE = rsa.generate_private_key(65537, 1024)  # noqa: S505  # this test's own, quick to load
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
KEY = json.dumps(
    {
        "type": "service_account",
        "client_email": "reader@proj.example",
        "private_key": PEM,
        "token_uri": "http://evil.example/token",
    }
)


def user(number: str, **changes: object) -> dict[str, object]:
    return {
        "id": number,
        "primaryEmail": f"u{number}@x.example",
        "name": {"fullName": f"Jane {number}"},
        "aliases": [f"old{number}@x.example"],
        "nonEditableAliases": [f"u{number}@x.example.test-google-a.com"],
        "externalIds": [
            {"value": "9", "type": "account"},
            {"value": "00012", "type": "organization"},
        ],
        "relations": [{"value": "U1@x.example", "type": "manager"}],
        "suspended": False,
        "archived": False,
        "creationTime": "2020-01-02T03:04:05.000Z",
        "orgUnitPath": "/People",
    } | changes


WHEN = {"suspensionTime": "2026-11-10T16:00:00.000Z"}
USERS = [
    user("1"),
    user("2", suspended=True, suspensionReason="ADMIN", **WHEN),
    user("3", suspended=True, suspensionReason="WEB_LOGIN_REQUIRED", **WHEN),
    user("4", archived=True, archivalTime="2026-11-11T16:00:00.000Z"),
    user("5", orgUnitPath="/Machines/CI"),
]
DELETED = [
    user("6", deletionTime="2026-11-10T16:00:00.000Z"),
    user("7", deletionTime="2026-11-10T16:00:00.000Z"),
]


def settings(base: str, **changes: object) -> Settings:
    made = Settings(
        Secret(KEY), "admin@x.example", base_url=base, token_url=base + TOKENS,
        service_units=("/Machines",), internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def outbound(at: At) -> Ask:
    made = settings(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks(connect(made, Setup("dir", NOWHERE)))


def _plain(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def customer(asked: Asked) -> Told:
    if asked.path == TOKENS:
        (statement,) = parse_qs(asked.body.decode())["assertion"]
        at = f"http://{asked.headers['host']}{TOKENS}"
        signed, _, signature = statement.rpartition(".")
        PRIVATE.public_key().verify(
            _plain(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        claims = json.loads(_plain(signed.partition(".")[2]))
        assert claims["aud"] == at
        assert (claims["iss"], claims["sub"]) == ("reader@proj.example", "admin@x.example")
        assert claims["scope"].endswith("/admin.directory.user.readonly")
        assert claims["exp"] - claims["iat"] <= 3600
        return page({"access_token": TOKEN, "expires_in": 3599})
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.path == "/admin/directory/v1/users"
    assert asked.query["customer"] == "my_customer"
    rows, size = (DELETED, 1) if asked.query["showDeleted"] == "true" else (USERS, 2)
    start = int(asked.query.get("pageToken", "p" * 300 + "0").lstrip("p"))
    more = {"nextPageToken": "p" * 300 + str(start + size)} if start + size < len(rows) else {}
    return page({"kind": "admin#directory#users", "users": rows[start : start + size], **more})


class TestGoogle(DirectoryContract):
    path, pages, posts = "/admin/directory/v1/users", 5, frozenset({TOKENS})
    here = frozenset({"1", "5"})
    gone = frozenset({"2", "4", "6", "7"})
    locked = frozenset({"3"})

    def answer(self, asked: Asked) -> Told:
        return customer(asked)

    def connect(self, base: str) -> GooglePeople:
        return connect(settings(base), Setup("dir", NOWHERE))

    def test_who_it_is(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        assert held["6"] == DirectoryAccount(
            account_id="6",
            login="u6@x.example",
            name="Jane 6",
            emails=("u6@x.example", "old6@x.example", "u6@x.example.test-google-a.com"),
            worker_id=WorkerId("00012"),
            enabled=Truth.NO,
            deleted=True,
            created_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
            disabled_at=datetime(2026, 11, 10, 16, tzinfo=UTC),
            identities=(Identity("google-id", "6"),),
            manager="1",
        )
        services = {one.account_id for one in taken.accounts if one.service is Truth.YES}
        assert services == {"5"}

    def test_nobody_deleted_is_an_empty_list(self) -> None:
        def answer(asked: Asked) -> Told:
            if asked.query.get("showDeleted") == "true":
                return page({"kind": "admin#directory#users"})
            return customer(asked)

        assert len(self.read(answer).accounts) == len(USERS)


@pytest.mark.parametrize(
    "key", ["", "{}", "[]", '"x"', '{"client_email": "a", "private_key": "b"}', "[" * 100_000]
)
def test_a_key_that_is_none_is_refused_and_not_shown(key: str) -> None:
    feed = connect(settings("https://x.example", key=Secret(key)), Setup("dir", NOWHERE))
    with pytest.raises(ConfigError) as caught:
        feed.snapshot(NOW, None)
    assert caught.value.where == "people.dir.key"


def test_an_empty_unit_makes_nobody_a_machine() -> None:
    with answering(customer) as base:
        made = settings(base, service_units=("/Mach",))
        taken = connect(made, Setup("dir", NOWHERE)).snapshot(NOW, None)
    assert not any(one.service is Truth.YES for one in taken.accounts)
