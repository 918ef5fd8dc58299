from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.people_adp import Settings, connect
from correlate.errors import ConfigError
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import (
    HttpPeopleContract,
    Person,
    only,
    page,
    question,
    staff,
)
from tests.connectors.wire import Asked, Told

LOGIN = HttpPeopleContract.login
PAGE = 10  # of the simulator, which gives fewer than it is asked for
NOWHERE = Path("/nonexistent")


def made(base: str, **changes: Any) -> PeopleFeed:
    settings = Settings(
        client_id="offkey", client_secret=Secret(LOGIN), base_url=base,
        token_url=f"{base}/auth/oauth/v2/token", client_cert=NOWHERE, client_key=NOWHERE,
        internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", NOWHERE))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def record(one: Person) -> dict[str, Any]:
    words = {"active": "Active", "left": "Terminated"}
    other = {"primaryIndicator": False, "reportsTo": [{"workerID": {"idValue": "9"}}]}
    main: dict[str, Any] = {
        "primaryIndicator": True, "workerTypeCode": {"codeValue": "F"},
        "reportsTo": [{"workerID": {"idValue": one.manager}}],
    }  # fmt: skip
    dates = {"originalHireDate": one.start}
    if one.last_day:
        main["terminationDate"] = one.last_day
    if one.end:
        dates["terminationDate"] = one.end
    return {
        "associateOID": f"G{one.id}", "workerID": {"idValue": one.id},
        "person": {"legalName": {"givenName": one.first, "familyName1": one.last}},
        "workerDates": dates, "businessCommunication": {"emails": [{"emailUri": one.mail}]},
        "workerStatus": {"statusCode": {"codeValue": words.get(one.status, one.status)}},
        "workAssignments": [other, main],
    }  # fmt: skip


class TestAdp(HttpPeopleContract):
    path, pages = "/hr/v2/workers", 3

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        if asked.path == "/auth/oauth/v2/token":
            return page({"access_token": "minted"})
        assert asked.headers["authorization"] == "Bearer minted"
        assert "$filter" not in asked.query, "a filter on status would hide those who left"
        at = int(asked.query["$skip"])
        if at >= len(people):
            return Told(204, b"")
        return page({"workers": [record(one) for one in people[at : at + PAGE]]})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)

    def test_the_primary_assignment_counts_and_the_associate_is_the_human(self) -> None:
        one = only(self.read(staff()).workers, "000007")
        assert (one.person_key, one.manager, one.worker_type) == ("G000007", "000001", "F")


def test_there_is_no_way_without_a_certificate() -> None:
    with pytest.raises(ConfigError, match="certificate"):
        made("https://api.example", client_cert=None)
