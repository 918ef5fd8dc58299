from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.people_hibob import Settings, connect
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import HttpPeopleContract, Person, page, question, staff
from tests.connectors.wire import Asked, Told

LOGIN = HttpPeopleContract.login


def made(base: str, **changes: Any) -> PeopleFeed:
    settings = Settings(user="SERVICE-1", token=Secret(LOGIN), base_url=base,
                        internal_hosts=("127.0.0.1",), timeout_s=5.0)  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", Path("/nonexistent")))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def fields(one: Person) -> dict[str, str | None]:
    words = {"active": "employed", "left": "terminated"}
    return {
        "root.id": one.id, "root.firstName": one.first, "root.surname": one.last,
        "root.email": one.mail, "internal.lifecycleStatus": words.get(one.status, one.status),
        "work.department": "257", "work.manager": one.manager, "work.startDate": one.start,
        "employee.lastDayOfWork": one.last_day or None,
        "internal.terminationDate": one.end or None,
    }  # fmt: skip


def nested(values: dict[str, str | None]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in values.items():
        group, field = name.split(".")
        (made if group == "root" else made.setdefault(group, {}))[field] = value
    return made


def slashed(values: dict[str, str | None]) -> dict[str, Any]:
    return {f"/{name.replace('.', '/')}": {"value": value} for name, value in values.items()}


class TestNested(HttpPeopleContract):
    path = "/v1/people/search"
    hidden: frozenset[str] = frozenset()

    def shaped(self, values: dict[str, str | None]) -> dict[str, Any]:
        return nested(values)

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        pair = base64.b64encode(f"SERVICE-1:{LOGIN}".encode()).decode()
        assert (asked.method, asked.headers["authorization"]) == ("POST", f"Basic {pair}")
        body = json.loads(asked.body)
        shown = [one for one in people if body.get("showInactive") or one.status != "left"]
        granted = set(body["fields"]) - self.hidden
        return page(
            {
                "employees": [
                    self.shaped({k: v for k, v in fields(one).items() if k in granted})
                    for one in shown
                ]
            }
        )

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)


class TestSlashed(TestNested):
    """The other form in which HiBob gives fields."""

    def shaped(self, values: dict[str, str | None]) -> dict[str, Any]:
        return slashed(values)


@pytest.mark.parametrize("name", ["internal.terminationDate", "work.department", "root.email"])
def test_a_field_that_is_left_out_is_a_missing_right_and_no_blank(name: str) -> None:
    system = TestNested()
    system.hidden = frozenset({name})
    assert f"fields stand in no object: {name}" in system.refusal(staff())
