from __future__ import annotations

from typing import Any

import pytest

from sample_data.simulators.world import World
from tests.sample_data.caller import Caller

TABLE = "/api/now/table/incident"


class Instance:
    def __init__(self, call: Caller, world: World) -> None:
        self.call, self.world = call, world
        self.auth = (world.plan.logins.servicenow_user, world.plan.logins.servicenow_password)

    def __call__(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        return self.call(method, "servicenow", path, json=json, params=params, auth=self.auth)

    def create(self, key: str = "case1", **more: str) -> Any:
        values = {"short_description": "A live token", "correlation_id": key, **more}
        return self("POST", TABLE, values).json()["result"]

    def find(self, query: str, **params: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self("GET", TABLE, sysparm_query=query, **params).json()[
            "result"
        ]
        return rows


@pytest.fixture
def instance(call: Caller, world: World) -> Instance:
    return Instance(call, world)


def test_an_invalid_part_of_a_query_is_ignored(instance: Instance) -> None:
    instance.create("case1")
    instance.create("case2")
    assert [row["correlation_id"] for row in instance.find("correlation_id=case2")] == ["case2"]
    assert len(instance.find("corelation_id=case2")) == 2
    assert len(instance.find("corelation_id=case2^state=1")) == 2
    instance.world.servicenow.strict_queries = True
    assert instance.find("corelation_id=case2") == []


def test_an_empty_correlation_id_matches_what_has_none(instance: Instance) -> None:
    instance.create("")
    assert len(instance.find("correlation_id=")) == 1


def test_the_correlation_id_is_not_unique(instance: Instance) -> None:
    first, second = instance.create("case1"), instance.create("case1")
    assert first["sys_id"] != second["sys_id"]
    assert len(instance.find("correlation_id=case1^ORDERBYnumber")) == 2


def test_create_answers_201_and_drops_unknown_names(instance: Instance) -> None:
    values = {"short_description": "x", "no_such_field": "y", "work_notes": "in private"}
    answer = instance("POST", TABLE, values)
    assert answer.status_code == 201
    row = answer.json()["result"]
    assert answer.headers["Location"].endswith(row["sys_id"])
    assert "no_such_field" not in row
    assert row["work_notes"] == ""
    assert row["number"].startswith("INC")


def test_journals_are_appended_and_read_from_their_table(instance: Instance) -> None:
    row = instance.create(work_notes="first")
    instance("PATCH", f"{TABLE}/{row['sys_id']}", {"work_notes": "second", "comments": "open"})
    query = f"element_id={row['sys_id']}^element=work_notes"
    entries = instance("GET", "/api/now/table/sys_journal_field", sysparm_query=query).json()
    assert [entry["value"] for entry in entries["result"]] == ["first", "second"]
    shown = instance("GET", f"{TABLE}/{row['sys_id']}", sysparm_display_value="true").json()
    assert "second" in shown["result"]["work_notes"]
    assert shown["result"]["state"] == "New"


def test_resolving_needs_code_and_notes(instance: Instance) -> None:
    path = f"{TABLE}/{instance.create()['sys_id']}"
    refused = instance("PATCH", path, {"state": "6"})
    assert refused.status_code == 403
    assert "Resolution code" in refused.json()["error"]["detail"]
    done = {"state": "6", "close_code": "Solution provided", "close_notes": "rejected twice"}
    row = instance("PATCH", path, done).json()["result"]
    assert (row["state"], row["active"]) == ("6", "true")
    assert row["resolved_by"]["value"] == row["opened_by"]["value"]
    again = instance("PATCH", path, {"state": "2"}).json()["result"]
    assert (again["state"], again["close_code"]) == ("2", "")


@pytest.mark.parametrize("state", ["3", "7", "42"])
def test_some_states_are_refused(instance: Instance, state: str) -> None:
    path = f"{TABLE}/{instance.create()['sys_id']}"
    assert instance("PATCH", path, {"state": state}).status_code == 403


def test_what_was_closed_automatically_stays_closed(instance: Instance) -> None:
    row = instance.create()
    instance.world.resolve_ticket(row["number"], "Solution provided", by="alex.agent")
    instance.world.servicenow.auto_close()
    path = f"{TABLE}/{row['sys_id']}"
    closed = instance("GET", path).json()["result"]
    assert (closed["state"], closed["active"]) == ("7", "false")
    assert closed["resolved_by"]["value"] != closed["opened_by"]["value"]
    assert instance("PATCH", path, {"state": "2"}).status_code == 403


def test_pages_follow_the_link_header(instance: Instance) -> None:
    for number in range(5):
        instance.create(f"case{number}")
    params = {"sysparm_query": "ORDERBYnumber", "sysparm_limit": "2", "sysparm_fields": "number"}
    page = instance("GET", TABLE, **params)
    assert page.headers["X-Total-Count"] == "5"
    numbers = [row["number"] for row in page.json()["result"]]
    while "next" in page.links:
        url = page.links["next"]["url"]
        page = instance.call.session.get(url, auth=instance.auth, timeout=10)
        numbers += [row["number"] for row in page.json()["result"]]
    assert numbers == [f"INC{10001 + number:07d}" for number in range(5)]


def test_groups_may_share_a_name(instance: Instance) -> None:
    query = "name=Service Desk"
    rows = instance("GET", "/api/now/table/sys_user_group", sysparm_query=query).json()["result"]
    assert len(rows) == 2
    group = rows[0]["sys_id"]
    row = instance.create(assignment_group=group)
    assert row["assignment_group"]["value"] == group
    bare = instance.find("correlation_id=case1", sysparm_exclude_reference_link="true")
    assert bare[0]["assignment_group"] == group


def test_refusals(instance: Instance) -> None:
    assert instance("GET", f"{TABLE}/{'0' * 32}").status_code == 404
    assert instance("GET", "/api/now/table/no_such_table").status_code == 400
    assert instance("POST", TABLE, {"correlation_id": "x"}).status_code == 403
    answer = instance.call("GET", "servicenow", TABLE, auth=("x", "y"))
    assert answer.status_code == 401
    assert answer.json()["status"] == "failure"
