from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors.people_bamboohr import Settings, connect
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import HttpPeopleContract, Person, page, question, staff
from tests.connectors.wire import Asked, Told

LOGIN = HttpPeopleContract.login
PAGE = 10  # of the simulator, which gives fewer than it is asked for


def made(base: str, **changes: Any) -> PeopleFeed:
    columns = {"last_working_day": "lastDayWorked"}  # a field of the company's own
    settings = Settings(base_url=base, api_key=Secret(LOGIN), columns=columns,
                        internal_hosts=("127.0.0.1",), timeout_s=5.0)  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", Path("/nonexistent")))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def record(one: Person, fields: Sequence[str]) -> dict[str, Any]:
    status = {"active": "Active", "left": "Inactive"}.get(one.status, one.status)
    known = {
        "eeid": one.id, "firstName": one.first, "lastName": one.last, "email": one.mail,
        "status": status, "supervisorEid": one.manager, "jobInformationDepartment": "IT",
        "hireDate": one.start, "terminationDate": one.end, "lastDayWorked": one.last_day,
    }  # fmt: skip
    return {"fields": {name: known[name] or None for name in fields}}


class TestBambooHr(HttpPeopleContract):
    path, pages = "/api/v2/datasets/employee/data", 3

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        pair = base64.b64encode(f"{LOGIN}:x".encode()).decode()
        assert (asked.method, asked.headers["authorization"]) == ("POST", f"Basic {pair}")
        body = json.loads(asked.body)
        shown = [
            one for one in people if "Inactive" in body.get("filter", "") or one.status != "left"
        ]
        first = (body["page"] - 1) * PAGE
        rows = [record(one, body["fields"]) for one in shown[first : first + PAGE]]
        return page({"data": rows, "links": {}, "meta": {"totalItems": len(shown)}})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)

    def test_a_field_that_is_kept_from_us_is_no_blank(self) -> None:
        """https://documentation.bamboohr.com/reference/get-data-from-dataset-v2"""

        def restricted(data: bytes) -> bytes:
            value = json.loads(data)
            for row in value["data"]:
                row["fields"]["terminationDate"] = None
                row["_restrictedFields"] = ["employee_terminationDate"]
            return json.dumps(value).encode()

        assert "may not read" in self.refusal(staff(), restricted)
