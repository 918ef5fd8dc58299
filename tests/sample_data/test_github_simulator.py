from __future__ import annotations

import re
from typing import Any

import pytest

from sample_data.simulators.plan import Status
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller

ORG = "fennelandrye"


@pytest.fixture
def own(world: World) -> dict[str, str]:
    return {"Authorization": f"Bearer {world.plan.logins.github}"}


def ask(call: Caller, secret: str, scheme: str = "Bearer") -> Any:
    return call("GET", "github", "/user", headers={"Authorization": f"{scheme} {secret}"})


def test_a_classic_token_names_its_user_and_scopes(call: Caller, secret: dict[str, str]) -> None:
    answer = ask(call, secret["dana-github-classic"], "token")
    assert answer.json()["login"] == "dana-whitfield"
    assert answer.headers["X-OAuth-Scopes"] == "repo, workflow"
    assert int(answer.headers["X-RateLimit-Remaining"]) < int(answer.headers["X-RateLimit-Limit"])


def test_a_fine_grained_token_has_no_scopes_header(call: Caller, secret: dict[str, str]) -> None:
    answer = ask(call, secret["ingrid-github-fine"])
    assert answer.json()["login"] == "ingridholm"
    assert "X-OAuth-Scopes" not in answer.headers


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (Status.REVOKED, 401, "Bad credentials"),
        (Status.SUSPENDED, 403, "suspended"),
        (Status.LIMITED, 403, "SAML"),
        (Status.THROTTLED, 403, "rate limit"),
    ],
)
def test_refusals(
    call: Caller, world: World, secret: dict[str, str], status: Status, code: int, words: str
) -> None:
    world.set_status("dana-github-classic", status)
    answer = ask(call, secret["dana-github-classic"])
    assert answer.status_code == code
    assert words in answer.json()["message"]


def test_a_stranger_is_refused_and_counted(call: Caller, world: World) -> None:
    assert ask(call, "nobody").status_code == 401
    assert world.strangers["github"] == 1
    assert call("GET", "github", "/user").status_code == 401


def test_variables_come_ten_a_page_and_no_more_than_thirty(
    call: Caller, own: dict[str, str]
) -> None:
    path = f"/orgs/{ORG}/actions/variables"
    first = call("GET", "github", path, headers=own)
    assert first.json()["total_count"] == 12
    assert len(first.json()["variables"]) == 10
    url = first.links["next"]["url"]
    second = call.session.get(url, headers=own, timeout=10)
    assert [row["name"] for row in second.json()["variables"]] == ["FLAG_11", "OPENAI_API_KEY"]
    assert "next" not in second.links
    whole = call("GET", "github", f"{path}?per_page=100", headers=own)
    assert len(whole.json()["variables"]) == 12
    assert "Link" not in whole.headers


def test_a_list_names_tokens_by_their_end_only(
    call: Caller, own: dict[str, str], world: World, secret: dict[str, str]
) -> None:
    path = f"/orgs/{ORG}/credential-authorizations"
    rows = call("GET", "github", path, headers=own).json()
    last8 = {row["token_last_eight"]: row["login"] for row in rows}
    assert last8[secret["maya-github-laptop"][-8:]] == "mayafontaine"
    assert secret["felix-github-dead"][-8:] not in last8
    assert not any(token.secret in str(rows) for token in world.tokens)
    assert call("GET", "github", path.replace(ORG, "other"), headers=own).status_code == 404


def test_secrets_show_names_and_dates_only(call: Caller, own: dict[str, str]) -> None:
    answer = call("GET", "github", f"/repos/{ORG}/storefront/actions/secrets", headers=own)
    rows = answer.json()["secrets"]
    assert [sorted(row) for row in rows] == [["created_at", "name", "updated_at"]]


def test_environments_have_variables_of_their_own(call: Caller, own: dict[str, str]) -> None:
    root = f"/repos/{ORG}/orders-api"
    places = call("GET", "github", f"{root}/environments", headers=own).json()
    assert [row["name"] for row in places["environments"]] == ["production"]
    path = f"{root}/environments/production/variables"
    rows = call("GET", "github", path, headers=own).json()["variables"]
    assert [row["name"] for row in rows] == ["SLACK_TOKEN"]
    assert re.match(r"xox[a-z]-", rows[0]["value"])


def test_collaborators_can_be_asked_for_by_permission(call: Caller, own: dict[str, str]) -> None:
    path = f"/repos/{ORG}/orders-api/collaborators"
    everybody = call("GET", "github", path, headers=own).json()
    pushing = call("GET", "github", f"{path}?permission=push", headers=own).json()
    assert {row["login"] for row in everybody} == {"graceokafor", "fbaumann-ctr", "ravimenon"}
    assert {row["login"] for row in pushing} == {"graceokafor", "fbaumann-ctr"}


def test_lists_are_hidden_from_other_tokens(call: Caller, secret: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {secret['dana-github-classic']}"}
    assert call("GET", "github", f"/orgs/{ORG}/repos", headers=headers).status_code == 404
    bad = {"Authorization": "Bearer nobody"}
    assert call("GET", "github", f"/orgs/{ORG}/repos", headers=bad).status_code == 401


def test_repositories_are_listed(call: Caller, own: dict[str, str]) -> None:
    rows = call("GET", "github", f"/orgs/{ORG}/repos?per_page=2", headers=own)
    assert [row["name"] for row in rows.json()] == ["storefront", "orders-api"]
    assert rows.links["last"]["url"].endswith("page=2")
    assert call("GET", "github", "/orgs/other/repos", headers=own).status_code == 404
