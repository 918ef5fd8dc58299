from __future__ import annotations

from typing import Any

import pytest

from sample_data.simulators.plan import Status
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller

SELF = "/api/v4/personal_access_tokens/self"


@pytest.fixture
def own(world: World) -> dict[str, str]:
    return {"PRIVATE-TOKEN": world.plan.logins.gitlab}


def ask(call: Caller, secret: str, path: str = SELF) -> Any:
    return call("GET", "gitlab", path, headers={"PRIVATE-TOKEN": secret})


def test_a_token_describes_itself(call: Caller, secret: dict[str, str]) -> None:
    row = ask(call, secret["inventory-gitlab-bot"]).json()
    assert row["active"] is True
    assert row["revoked"] is False
    assert row["scopes"] == ["read_api"]
    who = ask(call, secret["inventory-gitlab-bot"], "/api/v4/user").json()
    assert (who["id"], who["bot"]) == (row["user_id"], True)


@pytest.mark.parametrize(
    ("status", "code", "field", "text"),
    [
        (Status.REVOKED, 401, "error", "invalid_token"),
        (Status.EXPIRED, 401, "error", "invalid_token"),
        (Status.SUSPENDED, 403, "message", "403 Forbidden - Your account has been blocked."),
        (Status.LIMITED, 403, "error", "insufficient_scope"),
        (Status.THROTTLED, 429, "message", "Retry later"),
    ],
)
def test_refusals(
    call: Caller,
    world: World,
    secret: dict[str, str],
    status: Status,
    code: int,
    field: str,
    text: str,
) -> None:
    world.set_status("inventory-gitlab-bot", status)
    answer = ask(call, secret["inventory-gitlab-bot"])
    assert (answer.status_code, answer.json()[field]) == (code, text)


def test_variables_are_masked_in_logs_only_and_hidden_ones_have_no_value(
    call: Caller, own: dict[str, str]
) -> None:
    edge = call("GET", "gitlab", "/api/v4/projects/platform%2Fedge/variables", headers=own).json()
    assert edge[0]["masked"]
    assert edge[0]["value"]
    assert edge[0]["environment_scope"] == "production"
    deploy = call("GET", "gitlab", "/api/v4/projects/11/variables", headers=own).json()
    hidden = next(row for row in deploy if row["hidden"])
    assert hidden["value"] is None


def test_paging_goes_by_x_next_page(call: Caller, own: dict[str, str]) -> None:
    path = "/api/v4/projects/11/variables?per_page=2"
    first = call("GET", "gitlab", path, headers=own)
    assert (first.headers["x-next-page"], first.headers["x-total"]) == ("2", "3")
    second = call("GET", "gitlab", f"{path}&page=2", headers=own)
    assert second.headers["x-next-page"] == ""
    assert len(second.json()) == 1


def test_a_projects_members_include_those_of_its_group(call: Caller, own: dict[str, str]) -> None:
    rows = call("GET", "gitlab", "/api/v4/projects/11/members/all", headers=own).json()
    levels = {row["username"]: row["access_level"] for row in rows}
    assert levels == {"dwhitfield": 40, "olindqvist": 30, "tbrandt": 50}
    rows = call("GET", "gitlab", "/api/v4/groups/data/members/all", headers=own).json()
    assert [row["username"] for row in rows] == ["ydemir"]


def test_groups_list_their_projects_and_the_instance_has_variables(
    call: Caller, own: dict[str, str]
) -> None:
    rows = call("GET", "gitlab", "/api/v4/groups/platform/projects", headers=own).json()
    assert [row["path_with_namespace"] for row in rows] == ["platform/deploy", "platform/edge"]
    path = "/api/v4/groups/platform/descendant_groups"
    assert call("GET", "gitlab", path, headers=own).json() == []
    rows = call("GET", "gitlab", "/api/v4/admin/ci/variables", headers=own).json()
    assert [row["key"] for row in rows] == ["GITHUB_TOKEN"]
    assert "environment_scope" not in rows[0]
    rows = call("GET", "gitlab", "/api/v4/groups/data/variables", headers=own).json()
    assert [row["key"] for row in rows] == ["HF_TOKEN"]


def test_lists_are_for_the_connectors_login(call: Caller, secret: dict[str, str]) -> None:
    path = "/api/v4/projects/11/variables"
    assert ask(call, secret["inventory-gitlab-bot"], path).status_code == 403
    assert ask(call, "nobody", path).status_code == 401
    assert call("GET", "gitlab", path).status_code == 401


def test_what_there_is_not_is_404(call: Caller, own: dict[str, str]) -> None:
    answer = call("GET", "gitlab", "/api/v4/projects/999/variables", headers=own)
    assert (answer.status_code, answer.json()) == (404, {"message": "404 Project Not Found"})
