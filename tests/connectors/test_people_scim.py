from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.people_scim import ScimPeople, Settings, connect
from correlate.errors import ConfigError, SourceError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth, WorkerId
from correlate.ports import Setup
from tests.connectors.directory_contract import NOW, NOWHERE, DirectoryContract, asks, page
from tests.connectors.inventory_contract import LOGIN, login
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def user(number: str, **changes: object) -> dict[str, object]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "id": number,
        "userName": f"u{number}@x.example",
        "name": {"givenName": "Jane", "familyName": number},
        "emails": [
            {"value": f"home{number}@x.example", "type": "home"},
            {"value": f"work{number}@x.example", "type": "work", "primary": True},
        ],
        "active": True,
        "meta": {"created": "2020-01-02T03:04:05Z", "lastModified": "2026-11-11T00:00:00Z"},
        ENTERPRISE: {"employeeNumber": "00012", "manager": {"value": "1", "displayName": "Boss"}},
    } | changes


USERS = [
    user("1"),
    user("2", active=False),
    user("3", active="False"),
    user("4", active="True", userType="Service"),
    user("5"),
]


def settings(base: str, **changes: object) -> Settings:
    made = Settings(
        f"{base}/scim/v2", login(), page_size=2, service_types=("Service",),
        internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def outbound(at: At) -> Ask:
    made = settings(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks(connect(made, Setup("dir", NOWHERE)))


def listed(rows: list[dict[str, object]], total: int) -> Told:
    schemas = ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]
    told = page({"schemas": schemas, "totalResults": total, "Resources": rows})
    return replace(told, content_type="application/scim+json")


class TestScim(DirectoryContract):
    path, pages, dated = "/scim/v2/Users", 3, False
    here = frozenset({"1", "4", "5"})
    gone = frozenset({"2", "3"})

    def answer(self, asked: Asked) -> Told:
        assert asked.headers["authorization"] == f"Bearer {LOGIN}"
        start = int(asked.query["startIndex"]) - 1
        return listed(USERS[start : start + int(asked.query["count"])], len(USERS))

    def connect(self, base: str) -> ScimPeople:
        return connect(settings(base), Setup("dir", NOWHERE))

    def test_who_it_is(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        assert held["3"] == DirectoryAccount(
            account_id="3",
            login="u3@x.example",
            name="Jane 3",
            emails=("work3@x.example", "home3@x.example", "u3@x.example"),
            worker_id=WorkerId("00012"),
            enabled=Truth.NO,
            changed_at=datetime(2026, 11, 11, tzinfo=UTC),
            created_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
            identities=(Identity("scim-id", "3"),),
            manager="1",
        )
        assert held["4"].service is Truth.YES

    def test_only_what_is_used_is_asked_for(self) -> None:
        for whole in (False, True):
            upset = self.upset(0, lambda told: told)
            with answering(upset) as base:
                made = settings(base, whole_rows=whole)
                connect(made, Setup("dir", NOWHERE)).snapshot(NOW, None)
            assert all(("attributes" in one.query) is not whole for one in upset.seen)


@pytest.mark.parametrize(
    "pages",
    [
        [(USERS[:2], 5), (USERS[2:4], 6), (USERS[4:], 6)],  # one came while it was read
        [(USERS[:2], 4), (USERS[1:3], 4)],  # its rows moved on
        [(USERS[:2], 5), ([], 5)],
        [(USERS[:2], 1)],
        [(USERS[:2], True)],
        [(USERS[:2], "2")],
    ],
)
def test_a_list_that_does_not_add_up_is_not_believed(
    pages: list[tuple[list[dict[str, object]], int]],
) -> None:
    left = iter(pages)
    with answering(lambda _: listed(*next(left))) as base:
        feed = connect(settings(base), Setup("dir", NOWHERE))
        with pytest.raises(SourceError):
            feed.snapshot(NOW, None)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("false", Truth.NO), ("TRUE", Truth.YES), ("no", Truth.UNKNOWN), (0, Truth.UNKNOWN),
     (None, Truth.UNKNOWN), ([], Truth.UNKNOWN)],
)  # fmt: skip
def test_what_is_neither_yes_nor_no_is_unknown(said: object, meant: Truth) -> None:
    with answering(lambda _: listed([user("1", active=said)], 1)) as base:
        (one,) = connect(settings(base), Setup("dir", NOWHERE)).snapshot(NOW, None).accounts
    assert one.enabled is meant


def test_a_page_of_no_rows_is_refused() -> None:
    with pytest.raises(ConfigError):
        connect(settings("https://x.example", page_size=0), Setup("dir", NOWHERE))
