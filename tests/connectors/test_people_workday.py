from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.people_workday import Settings, connect
from correlate.errors import ConfigError
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import HttpPeopleContract, Person, page, question
from tests.connectors.wire import Asked, Told

LOGIN = HttpPeopleContract.login
REPORT = "/ccx/service/customreport2/acme/isu/Everybody"
COLUMNS = {
    "worker_id": "Employee_ID", "name": "Worker", "email": "Email", "status": "Status",
    "manager": "Manager_ID", "starts": "Hire_Date", "last_working_day": "Last_Day_of_Work",
    "ends": "Termination_Date",
}  # fmt: skip


def made(base: str, **changes: Any) -> PeopleFeed:
    settings = Settings(
        report_url=f"{base}{REPORT}?format=csv", user="isu@acme", password=Secret(LOGIN),
        prompts={"Effective_as_of_Date": "2026-03-02"}, columns=COLUMNS,
        internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", Path("/nonexistent")))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def record(one: Person) -> Mapping[str, str]:
    """A row of the report, which leaves out what holds nothing."""
    row = {
        "Employee_ID": one.id, "Worker": f"{one.first} {one.last}", "Email": one.mail,
        "Status": one.status, "Manager_ID": one.manager, "Hire_Date": one.start,
        "Last_Day_of_Work": one.last_day, "Termination_Date": one.end,
    }  # fmt: skip
    return {name: value for name, value in row.items() if value}


class TestWorkday(HttpPeopleContract):
    path = REPORT

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        pair = base64.b64encode(f"isu@acme:{LOGIN}".encode()).decode()
        assert asked.headers["authorization"] == f"Basic {pair}"
        assert asked.query == {"format": "json", "Effective_as_of_Date": "2026-03-02"}
        return page({"Report_Entry": [record(one) for one in people]})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)


@pytest.mark.parametrize("changes", [{"report_url": "Everybody"}, {"columns": {}}])
def test_a_report_needs_its_url_and_its_columns(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        made("https://wd2.example", **changes)
