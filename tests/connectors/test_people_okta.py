from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.people_okta import OktaPeople, Settings, connect
from correlate.errors import ConfigError
from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, Truth, WorkerId
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.directory_contract import NOWHERE, LinkedContract, asks, page
from tests.connectors.inventory_contract import LOGIN, login
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import Asked, Told, answering

LEFT_AT = "2026-11-10T16:00:00.000Z"
STATUSES = {
    "00u1": "ACTIVE", "00u2": "LOCKED_OUT", "00u3": "PASSWORD_EXPIRED", "00u4": "RECOVERY",
    "00u5": "SUSPENDED", "00u6": "PROVISIONED", "00u7": "DEPROVISIONED", "00u8": "DEPROVISIONED",
    "00u9": "STAGED",
}  # fmt: skip


def user(number: str, **changes: object) -> dict[str, object]:
    profile = {
        "login": f"{number}@x.example",
        "email": f"{number}@x.example",
        "secondEmail": f"{number}@home.example",
        "firstName": "Jane",
        "lastName": number,
        "employeeNumber": f"00{number[-1]}",
        "managerId": "00u1",
        "userType": "Employee",
    }
    return {
        "id": number, "status": STATUSES[number], "created": "2020-01-02T03:04:05.000Z",
        "statusChanged": LEFT_AT, "lastUpdated": "2026-11-11T00:00:00.000Z", "profile": profile,
    } | changes  # fmt: skip


def settings(base: str, **changes: object) -> Settings:
    made = Settings(base, login(), internal_hosts=("127.0.0.1",), timeout_s=5.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def outbound(at: At) -> Ask:
    made = settings(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s)
    return asks(connect(made, Setup("dir", NOWHERE)))


class TestOkta(LinkedContract):
    path, pages = "/api/v1/users", 6
    here = frozenset({"00u1", "00u6"})
    gone = frozenset({"00u5", "00u7", "00u8"})
    locked = frozenset({"00u2", "00u3", "00u4", "00u9"})

    def answer(self, asked: Asked) -> Told:
        assert asked.headers["authorization"] == f"SSWS {LOGIN}"
        gone = asked.query.get("filter") == 'status eq "DEPROVISIONED"'
        found = [one for one, status in STATUSES.items() if (status == "DEPROVISIONED") is gone]
        start, size = int(asked.query.get("after", "0")), 1 if gone else 2
        url = f"http://{asked.headers['host']}{asked.path}?limit=200&after={start + size}"
        more = f'<{url}&filter={asked.query.get("filter", "").replace(" ", "+")}>; rel="next"'
        itself = f'<{url}>; rel="self"'
        links = f"{itself}, {more}" if start + size < len(found) else itself
        return page([user(one) for one in found[start : start + size]], Link=links)

    def connect(self, base: str) -> OktaPeople:
        return connect(settings(base), Setup("dir", NOWHERE))

    def led(self, told: Told, url: str) -> Told:
        return replace(told, headers={"Link": f'<{url}>; rel="next"'})

    def test_who_it_is(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        changed = datetime(2026, 11, 11, tzinfo=UTC)
        assert held["00u8"] == DirectoryAccount(
            account_id="00u8",
            login="00u8@x.example",
            name="Jane 00u8",
            emails=("00u8@x.example", "00u8@home.example"),
            worker_id=WorkerId("008"),
            enabled=Truth.NO,
            changed_at=changed,
            created_at=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
            disabled_at=datetime(2026, 11, 10, 16, tzinfo=UTC),
            identities=(Identity("okta-id", "00u8"),),
            manager="00u1",
        )
        assert held["00u9"].enabled is Truth.UNKNOWN

    def test_only_what_is_used_is_asked_for(self) -> None:
        upset = self.upset(0, lambda told: told)
        self.read(upset)
        fields = upset.seen[0].query["fields"]
        assert fields.startswith("id,status,")
        assert "mobilePhone" not in fields
        assert "*" not in fields

    def test_who_left_between_the_two_lists_has_left(self) -> None:
        def answer(asked: Asked) -> Told:
            status = "DEPROVISIONED" if "filter" in asked.query else "ACTIVE"
            return page([user("00u1", status=status)])

        (one,) = self.read(answer).accounts
        assert one.enabled is Truth.NO

    def test_a_status_of_tomorrow_is_unknown_and_said(self) -> None:
        taken = self.read(lambda _: page([user("00u1", status="HIBERNATING")]))
        assert taken.accounts[0].enabled is Truth.UNKNOWN
        assert "status" in taken.problems[0]

    def test_a_manager_named_by_login_and_a_machine_by_type(self) -> None:
        profile = {"login": "bot@x.example", "userType": "Service", "boss": "00U1@x.example"}
        rows = [user("00u1"), user("00u2", profile=profile)]
        changes = {"manager": "boss", "service_types": ("Service",)}
        with answering(lambda _: page(rows)) as base:
            feed = connect(settings(base, **changes), Setup("dir", NOWHERE))
            one, two = feed.snapshot(datetime.now(UTC), None).accounts
        assert (one.service, two.service) == (Truth.UNKNOWN, Truth.YES)
        assert two.manager == "00u1"

    def test_an_access_token_is_a_bearers(self) -> None:
        seen: list[str] = []

        def answer(asked: Asked) -> Told:
            seen.append(asked.headers["authorization"])
            return page([user("00u1")])

        with answering(answer) as base:
            connect(settings(base, scheme="bearer"), Setup("dir", NOWHERE)).snapshot(
                datetime.now(UTC), None
            )
        assert set(seen) == {f"Bearer {LOGIN}"}


@pytest.mark.parametrize(
    "changes", [{"scheme": "basic"}, {"worker_id": "a),credentials:(*"}, {"manager": ""}]
)
def test_settings_that_cannot_be_meant_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        connect(settings("https://x.example", **changes), Setup("dir", NOWHERE))


def test_no_secret_is_in_the_settings_repr() -> None:
    assert LOGIN not in repr(settings("https://x.example", token=Secret(LOGIN)))
