from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from connectors.people_entra import EntraPeople, Settings, connect
from correlate.errors import FeedRefused
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth, WorkerId
from correlate.ports import Setup
from tests.connectors.directory_contract import (
    NOW,
    NOWHERE,
    TOKEN,
    LinkedContract,
    asks,
    page,
)
from tests.connectors.inventory_contract import LOGIN, login
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering

TOKENS = "/acme.example/oauth2/v2.0/token"
ID = "6ea91a8d-e32e-41a1-b7bd-{:012d}"
HERE, MORE, OFF, BIN, GUEST = map(ID.format, range(1, 6))
LEAVES = "2026-12-31T23:00:00Z"


def user(number: str, **changes: object) -> dict[str, object]:
    name = f"u{int(number[-12:])}"
    return {
        "id": number,
        "userPrincipalName": f"{name}@x.example",
        "displayName": f"Jane {name}",
        "mail": f"{name}@x.example",
        "otherMails": [f"{name}@home.example"],
        "proxyAddresses": [f"smtp:{name}.old@x.example", f"SMTP:{name}@x.example", "SIP:x@y"],
        "accountEnabled": True,
        "createdDateTime": "2020-01-02T03:04:05Z",
        "employeeId": "00012",
        "employeeType": "Employee",
        "userType": "Member",
        "employeeLeaveDateTime": None,
        "onPremisesSyncEnabled": None,
        "onPremisesSamAccountName": None,
        "manager": {"@odata.type": "#microsoft.graph.user", "id": HERE},
    } | changes


USERS = [
    user(HERE, employeeLeaveDateTime=LEAVES),
    user(MORE, onPremisesSyncEnabled=True, onPremisesSamAccountName="u2sam"),
    user(OFF, accountEnabled=False, manager=None),
    user(GUEST, userType="Guest", userPrincipalName="a_b.example#EXT#@x.example"),
]
DELETED = [
    user(
        BIN,
        userPrincipalName=BIN.replace("-", "") + "u4@x.example",
        deletedDateTime="2026-11-10T16:00:00Z",
    )
]


def settings(base: str, **changes: object) -> Settings:
    made = Settings(
        "acme.example", "app", login(), base_url=base, login_url=base,
        internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def outbound(at: At) -> Ask:
    made = settings(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks(connect(made, Setup("dir", NOWHERE)))


def carrying(*roles: object) -> str:
    """An access token as Entra shapes it; nobody here checks its signature."""
    claims = base64.urlsafe_b64encode(json.dumps({"roles": roles}).encode()).rstrip(b"=")
    return f"e30.{claims.decode()}.c2ln"


def tenant(asked: Asked, token: str = TOKEN) -> Told:
    if asked.path == TOKENS:
        form = parse_qs(asked.body.decode())
        assert form["grant_type"] == ["client_credentials"]
        assert form["client_secret"] == [LOGIN]
        assert form["scope"][0].endswith("/.default")
        return page({"token_type": "Bearer", "expires_in": 3599, "access_token": token})
    assert asked.headers["authorization"] == f"Bearer {token}"
    deleted = asked.path.endswith("/directory/deletedItems/microsoft.graph.user")
    assert deleted or asked.path == "/v1.0/users"
    rows, size = (DELETED, 1) if deleted else (USERS, 2)
    start = int(asked.query.get("$skiptoken", "0"))
    wanted = asked.query.get("$select", "").split(",")
    shown = [{k: v for k, v in row.items() if k in wanted or k == "manager"} for row in rows]
    url = f"http://{asked.headers['host']}{asked.path}?$select={asked.query['$select']}"
    more = f"{url}&$top=999&$skiptoken={start + size}" if start + size < len(rows) else None
    if asked.query.get("$top") == "1":  # only whether it may
        more = None
    return page(
        {"value": shown[start : start + size], **({"@odata.nextLink": more} if more else {})}
    )


class TestEntra(LinkedContract):
    path, pages, posts = "/v1.0/", 4, frozenset({TOKENS})
    here = frozenset({HERE, MORE, GUEST})
    gone = frozenset({OFF, BIN})
    dated = False  # Graph does not tell when an account was disabled

    def answer(self, asked: Asked) -> Told:
        return tenant(asked)

    def connect(self, base: str) -> EntraPeople:
        return connect(settings(base), Setup("dir", NOWHERE))

    def led(self, told: Told, url: str) -> Told:
        return page({**json.loads(told.body), "@odata.nextLink": url})

    def test_leavers_are_seen_and_a_lock_is_no_leave(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        assert held[BIN].disabled_at == datetime(2026, 11, 10, 16, tzinfo=UTC)
        assert held[BIN].deleted
        other = replace(taken, accounts=tuple(replace(a, disabled_at=None) for a in taken.accounts))
        super().test_leavers_are_seen_and_a_lock_is_no_leave(other)

    def test_who_it_is(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        assert held[HERE] == DirectoryAccount(
            account_id=HERE,
            login="u1@x.example",
            name="Jane u1",
            emails=("u1@x.example", "u1.old@x.example", "u1@home.example"),
            worker_id=WorkerId("00012"),
            enabled=Truth.YES,
            created_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
            leaves_at=datetime(2026, 12, 31, 23, tzinfo=UTC),
            identities=(Identity("entra-id", HERE),),
            manager=HERE,
        )
        assert held[MORE].identities == (Identity("entra-id", MORE), Identity("login", "u2sam"))
        assert held[BIN].login == "u4@x.example"
        assert not any("#EXT#" in mail for mail in held[GUEST].emails)

    def test_guests_may_be_left_out_and_machines_are_told(self) -> None:
        agent = {**user(MORE), "@odata.type": "#microsoft.graph.agentUser"}
        rows = [user(HERE, employeeType="Robot"), agent, user(GUEST, userType="Guest")]

        def answer(asked: Asked) -> Told:
            return tenant(asked) if asked.path == TOKENS else page({"value": rows})

        with answering(answer) as base:
            made = settings(base, guests=False, service_types=("Robot",))
            taken = connect(made, Setup("dir", NOWHERE)).snapshot(NOW, None)
        assert [one.service for one in taken.accounts] == [Truth.YES, Truth.YES]


def forbidding(asked: Asked) -> Told:
    if "employeeLeaveDateTime" in asked.query.get("$select", ""):
        return Told(403, b'{"error": {"code": "Authorization_RequestDenied"}}')
    return tenant(asked)


def lacking(asked: Asked) -> Told:
    assert "employeeLeaveDateTime" not in asked.query.get("$select", "")
    return tenant(asked, carrying("User.Read.All"))


@pytest.mark.parametrize("answer", [forbidding, lacking])
def test_leave_dates_that_are_not_told_are_said(answer: Callable[[Asked], Told]) -> None:
    with answering(tenant) as base:
        dated = connect(settings(base), Setup("dir", NOWHERE)).snapshot(NOW, None)
    with answering(answer) as base:
        feed = connect(settings(base), Setup("dir", NOWHERE))
        taken = feed.snapshot(NOW, None)
        assert "User-LifeCycleInfo.Read.All" in taken.problems[0]
        assert len(taken.accounts) == len(dated.accounts)
        assert feed.snapshot(NOW, taken).problems == taken.problems
        with pytest.raises(FeedRefused, match="leave dates"):
            feed.snapshot(NOW, dated)  # else who left by such a date would be back
        quiet = connect(settings(base, leave_dates=False), Setup("dir", NOWHERE))
        assert quiet.snapshot(NOW, dated).problems == ()


@pytest.mark.parametrize(
    "token",
    [
        carrying("User.Read.All", "User-LifeCycleInfo.Read.All"),
        carrying("User-LifeCycleInfo.ReadWrite.All", 7, None),
        "opaque",
        "a.b.c",
        "a.e30.c",
        "a.W10.c",
    ],
)
def test_a_token_that_may_or_does_not_tell_is_asked_with(token: str) -> None:
    with answering(lambda asked: tenant(asked, token)) as base:
        taken = connect(settings(base), Setup("dir", NOWHERE)).snapshot(NOW, None)
    assert taken.problems == ()
    assert any(one.leaves_at for one in taken.accounts)
