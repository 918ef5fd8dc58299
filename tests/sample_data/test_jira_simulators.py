from __future__ import annotations

import math
from typing import Any

import pytest

from sample_data.simulators.documents import fault_of
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller


def document(*texts: str) -> dict[str, Any]:
    words = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": words}


class Cloud:
    def __init__(self, call: Caller, world: World) -> None:
        self.call, self.world = call, world
        self.auth = (world.plan.logins.jira_email, world.plan.logins.jira_token)

    def __call__(self, method: str, path: str, json: Any = None, **params: Any) -> Any:
        root = "/rest/api/3"
        return self.call(method, "jira", root + path, json=json, params=params, auth=self.auth)

    def create(self, label: str = "offkeyaaaa", **fields: Any) -> Any:
        given = {
            "project": {"key": "SEC"},
            "issuetype": {"name": "Task"},
            "summary": "A live token of a leaver",
            "description": document("It is live."),
            "labels": [label],
        }
        return self("POST", "/issue", {"fields": given | fields})

    def search(self, jql: str, **more: Any) -> Any:
        return self("POST", "/search/jql", {"jql": jql, **more})


@pytest.fixture
def cloud(call: Caller, world: World) -> Cloud:
    return Cloud(call, world)


def test_a_fresh_issue_is_not_found_at_once_but_read_by_key_it_is_current(cloud: Cloud) -> None:
    cloud.world.jira.index_delay = math.inf
    made = cloud.create().json()
    jql = 'project = SEC AND labels = "offkeyaaaa"'
    assert cloud.search(jql).json() == {"issues": [], "isLast": True}
    assert cloud("GET", f"/issue/{made['key']}").json()["id"] == made["id"]
    found = cloud.search(jql, reconcileIssues=[int(made["id"])]).json()
    assert found["issues"] == [{"id": made["id"]}]
    cloud.world.jira.index_now()
    assert len(cloud.search(jql).json()["issues"]) == 1


def test_search_is_stale_about_changes_too(cloud: Cloud) -> None:
    cloud.world.jira.index_delay = math.inf
    key = cloud.create().json()["key"]
    cloud.world.jira.index_now()
    cloud.world.resolve_ticket(key, "Accepted Risk", by="alex.agent")
    open_ones = 'project = SEC AND statusCategory != "Done"'
    assert len(cloud.search(open_ones).json()["issues"]) == 1
    cloud.world.jira.index_now()
    assert cloud.search(open_ones).json()["issues"] == []


def test_search_pages_by_token_and_gives_ids_unless_fields_are_named(cloud: Cloud) -> None:
    cloud.world.jira.index_delay = 0.0
    for number in range(5):
        cloud.create(f"offkey{number}")
    found, token = [], ""
    while True:
        page = cloud.search("project = SEC", maxResults=2, nextPageToken=token).json()
        assert "total" not in page
        found += page["issues"]
        if page["isLast"]:
            break
        token = page["nextPageToken"]
    assert len(found) == 5
    assert all(list(row) == ["id"] for row in found)
    named = cloud.search("project = SEC ORDER BY created ASC", fields=["labels", "status"]).json()
    assert sorted(named["issues"][0]["fields"]) == ["labels", "status"]
    assert named["issues"][0]["key"] == "SEC-1"
    by_get = cloud("GET", "/search/jql", jql="labels = offkey3", fields="labels").json()
    assert by_get["issues"][0]["fields"] == {"labels": ["offkey3"]}


@pytest.mark.parametrize(
    ("jql", "words"),
    [
        ("", "Unbounded"),
        ("ORDER BY created", "Unbounded"),
        ("colour = red", "does not exist"),
        ("project = ", "too early"),
    ],
)
def test_search_refuses(cloud: Cloud, jql: str, words: str) -> None:
    answer = cloud.search(jql)
    assert answer.status_code == 400
    assert words in answer.json()["errorMessages"][0]


def test_the_old_search_is_gone(cloud: Cloud) -> None:
    assert cloud("GET", "/search", jql="project = SEC").status_code == 410


def test_a_label_is_matched_whole_and_text_by_words(cloud: Cloud) -> None:
    cloud.world.jira.index_delay = 0.0
    cloud.create("offkeyaaaa")
    assert cloud.search("labels = offkeyaa").json()["issues"] == []
    assert len(cloud.search('summary ~ "live token!"').json()["issues"]) == 1
    assert len(cloud.search("labels in (x, offkeyaaaa)").json()["issues"]) == 1
    assert len(cloud.search("resolution is EMPTY AND created >= -1d").json()["issues"]) == 1


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"description": "plain text"}, "description"),
        (
            {"description": {"type": "doc", "version": 1, "content": [{"type": "text"}]}},
            "description",
        ),
        ({"labels": ["two words"]}, "labels"),
        ({"summary": "two\nlines"}, "summary"),
        ({"summary": ""}, "summary"),
        ({"summary": "x" * 256}, "summary"),
        ({"issuetype": {"name": "Epicc"}}, "issuetype"),
        ({"project": {"key": "OTHER"}}, "project"),
        ({"customfield_1": "x"}, "customfield_1"),
        ({"priority": {"name": "Huge"}}, "priority"),
    ],
)
def test_create_refuses_wrong_fields(cloud: Cloud, fields: dict[str, Any], name: str) -> None:
    answer = cloud.create(**fields)
    assert answer.status_code == 400
    assert name in answer.json()["errors"]
    assert cloud.world.jira.all == ()


def test_a_required_field_can_be_asked_for_beforehand(cloud: Cloud) -> None:
    cloud.world.jira.required = ("customfield_10042",)
    assert "customfield_10042" in cloud.create().json()["errors"]
    fields = cloud("GET", "/issue/createmeta/SEC/issuetypes/10001").json()["fields"]
    assert [row["fieldId"] for row in fields if row["required"]][-1] == "customfield_10042"
    types = cloud("GET", "/issue/createmeta/SEC/issuetypes").json()["issueTypes"]
    assert [row["name"] for row in types] == ["Task", "Bug", "Incident"]


def test_transitions_are_those_of_the_state_and_closing_asks_for_a_resolution(
    cloud: Cloud,
) -> None:
    key = cloud.create().json()["key"]
    path = f"/issue/{key}/transitions"

    def moves() -> dict[str, str]:
        return {row["to"]["name"]: row["id"] for row in cloud("GET", path).json()["transitions"]}

    assert moves() == {"In Progress": "11", "Done": "31"}
    assert cloud("POST", path, {"transition": {"id": "41"}}).status_code == 400
    assert "resolution" in cloud("POST", path, {"transition": {"id": "31"}}).json()["errors"]
    done = {"transition": {"id": "31"}, "fields": {"resolution": {"name": "Done"}}}
    assert cloud("POST", path, done).status_code == 204
    assert moves() == {"To Do": "51"}
    issue = cloud("GET", f"/issue/{key}", expand="changelog").json()
    assert issue["fields"]["status"]["statusCategory"]["key"] == "done"
    assert issue["fields"]["resolution"]["name"] == "Done"
    author = issue["changelog"]["histories"][-1]["author"]
    assert author["emailAddress"] == cloud.world.plan.logins.jira_email
    assert cloud("POST", path, {"transition": {"id": "51"}}).status_code == 204
    assert cloud("GET", f"/issue/{key}").json()["fields"]["resolution"] is None


def test_a_persons_resolution_can_be_told_from_ones_own(cloud: Cloud) -> None:
    key = cloud.create().json()["key"]
    cloud.world.resolve_ticket(key, "Won't Do", by="alex.agent")
    rows = cloud("GET", f"/issue/{key}/changelog").json()["values"]
    assert rows[-1]["author"]["displayName"] == "alex.agent"
    assert cloud("GET", f"/issue/{key}").json()["fields"]["resolution"]["name"] == "Won't Do"


def test_edit_and_comment(cloud: Cloud) -> None:
    key = cloud.create().json()["key"]
    change = {"fields": {"summary": "New"}, "update": {"labels": [{"add": "more"}]}}
    assert cloud("PUT", f"/issue/{key}", change).status_code == 204
    fields = cloud("GET", f"/issue/{key}", fields="summary,labels").json()["fields"]
    assert fields == {"summary": "New", "labels": ["more", "offkeyaaaa"]}
    path = f"/issue/{key}/comment"
    assert cloud("POST", path, {"body": "text"}).status_code == 400
    assert cloud("POST", path, {"body": document("Proof.")}).status_code == 201
    assert cloud("GET", path).json()["comments"][0]["body"] == document("Proof.")
    beyond = cloud("GET", path, startAt=1).json()
    assert (beyond["total"], beyond["comments"]) == (1, [])
    refused = cloud("PUT", f"/issue/{key}", {"fields": {"resolution": {"name": "Done"}}})
    assert "resolution" in refused.json()["errors"]


def test_permissions_project_and_self(cloud: Cloud) -> None:
    cloud.world.jira.forbidden = ("CREATE_ISSUES",)
    rows = cloud("GET", "/mypermissions", permissions="CREATE_ISSUES,ADD_COMMENTS").json()
    held = {name: row["havePermission"] for name, row in rows["permissions"].items()}
    assert held == {"CREATE_ISSUES": False, "ADD_COMMENTS": True}
    assert cloud("GET", "/mypermissions").status_code == 400
    assert cloud("GET", "/project/SEC").json()["key"] == "SEC"
    assert cloud("GET", "/project/NO").status_code == 404
    assert cloud("GET", "/myself").json()["accountId"]
    assert cloud("GET", "/issue/SEC-99").status_code == 404


def test_cloud_refuses_other_logins(call: Caller) -> None:
    answer = call("GET", "jira", "/rest/api/3/myself", auth=("a@b.example", "no"))
    assert answer.status_code == 401
    assert call("GET", "jira", "/rest/api/3/search/jql?jql=project=SEC").status_code == 401


def test_data_center_has_wiki_text_and_start_at(call: Caller, world: World) -> None:
    headers = {"Authorization": f"Bearer {world.plan.logins.jira_dc_token}"}

    def ask(method: str, path: str, **more: Any) -> Any:
        return call(method, "jira_dc", "/rest/api/2" + path, headers=headers, **more)

    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "s"}
    for number in range(3):
        body = {"fields": fields | {"description": "h2. x", "labels": [f"offkey{number}"]}}
        assert ask("POST", "/issue", json=body).status_code == 201
    rich = {"fields": fields | {"description": document("x")}}
    assert ask("POST", "/issue", json=rich).status_code == 400
    page = ask("GET", "/search?jql=project=SEC&startAt=2&maxResults=2").json()
    assert (page["total"], len(page["issues"])) == (3, 1)
    assert ask("GET", "/search/jql?jql=project=SEC").status_code == 404
    assert ask("POST", "/issue/SEC-1/comment", json={"body": "text"}).status_code == 201
    types = ask("GET", "/issue/createmeta/SEC/issuetypes").json()
    assert types["isLast"]
    assert len(types["values"]) == 3
    assert ask("GET", "/myself").json()["name"] == "offkey"
    assert call("GET", "jira_dc", "/rest/api/2/myself").status_code == 401


def test_documents_are_checked_as_trees() -> None:
    assert fault_of(document("x")) == ""
    assert fault_of({"type": "doc", "content": []})
    loose = {"type": "doc", "version": 1, "content": [{"type": "listItem", "content": []}]}
    assert fault_of(loose)
    assert fault_of(document(""))
