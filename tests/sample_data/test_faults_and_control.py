from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from sample_data.company import Company
from sample_data.simulators.faults import Fault
from sample_data.simulators.run import running
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller

INCIDENT = {"short_description": "x"}


@pytest.fixture
def whoami(call: Caller, secret: dict[str, str]) -> Any:
    headers = {"Authorization": f"Bearer {secret['erik-npm']}"}
    return lambda: call("GET", "npm", "/-/whoami", headers=headers)


def test_a_status_fault_lasts_as_often_as_it_says(world: World, whoami: Any) -> None:
    world.fault("npm", "status", status=429, retry_after="7", times=2)
    first, second, third = whoami(), whoami(), whoami()
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert (second.status_code, third.status_code) == (429, 200)


def test_html_truncation_and_latency(world: World, whoami: Any) -> None:
    world.fault("npm", "html")
    assert "<html" in whoami().text
    world.fault("npm", "truncate")
    with pytest.raises(requests.exceptions.JSONDecodeError):
        whoami().json()
    world.fault("npm", "latency", seconds=0.15)
    began = time.monotonic()
    assert whoami().status_code == 200
    assert time.monotonic() - began >= 0.15


def test_a_drip_is_slow_and_whole(world: World, whoami: Any) -> None:
    world.fault("npm", "drip", seconds=0.01)
    assert whoami().json() == {"username": "fennelrye-publish"}


@pytest.mark.parametrize("kind", ["drop", "short_body"])
def test_broken_connections(world: World, whoami: Any, kind: str) -> None:
    world.fault("npm", kind)
    with pytest.raises(requests.exceptions.RequestException):
        whoami()
    assert whoami().status_code == 200


def test_a_lost_answer_has_made_the_record_all_the_same(call: Caller, world: World) -> None:
    world.fault("servicenow", "lost_answer", method="POST")
    auth = (world.plan.logins.servicenow_user, world.plan.logins.servicenow_password)
    with pytest.raises(requests.exceptions.ConnectionError):
        call("POST", "servicenow", "/api/now/table/incident", json=INCIDENT, auth=auth)
    assert world.creates["servicenow"] == 1
    assert len(world.servicenow.all) == 1
    world.fault("servicenow", "drop", method="POST")
    with pytest.raises(requests.exceptions.ConnectionError):
        call("POST", "servicenow", "/api/now/table/incident", json=INCIDENT, auth=auth)
    assert world.creates["servicenow"] == 1


def test_what_fails_late_has_made_the_record_and_so_has_what_never_answers(
    call: Caller, world: World
) -> None:
    auth = (world.plan.logins.servicenow_user, world.plan.logins.servicenow_password)
    world.fault("servicenow", "late_status", method="POST", status=502)
    path = "/api/now/table/incident"
    assert call("POST", "servicenow", path, json=INCIDENT, auth=auth).status_code == 502
    world.fault("servicenow", "hold", method="POST")
    with pytest.raises(requests.exceptions.Timeout):
        call("POST", "servicenow", path, json=INCIDENT, auth=auth, timeout=0.05)
    assert (world.creates["servicenow"], len(world.servicenow.all)) == (2, 2)


def test_faults_choose_their_requests(world: World, whoami: Any) -> None:
    world.fault("npm", "status", path="/other")
    world.fault("npm", "status", skip=1)
    assert [whoami().status_code for _ in range(3)] == [200, 503, 200]
    world.fault("npm", "status", times=0)
    assert [whoami().status_code for _ in range(2)] == [503, 503]
    world.clear_faults()
    assert whoami().status_code == 200


def test_unknown_faults_and_vendors_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no such fault"):
        Fault("explode")
    with pytest.raises(ValueError, match="no such vendor"):
        world.fault("bank", "html")


def test_starting_all_is_quick_and_stopping_ends_open_connections(world: World) -> None:
    began = time.monotonic()
    with running(world) as endpoints, requests.Session() as session:
        assert time.monotonic() - began < 5
        url = endpoints["npm"] + "/-/whoami"
        assert session.get(url, timeout=5).status_code == 401
    with requests.Session() as session, pytest.raises(requests.exceptions.ConnectionError):
        session.get(url, timeout=5)


def test_the_levers_work_over_http(call: Caller, world: World, whoami: Any) -> None:
    assert call("POST", "control", "/revoke", json={"label": "erik-npm"}).status_code == 204
    assert whoami().status_code == 401
    assert call("POST", "control", "/restore", json={"label": "erik-npm"}).status_code == 204
    fault = {"vendor": "npm", "kind": "status", "status": 500}
    assert call("POST", "control", "/fault", json=fault).status_code == 204
    assert [whoami().status_code, whoami().status_code] == [500, 200]
    assert call("POST", "control", "/index-delay", json={"seconds": 3}).status_code == 204
    assert world.jira.index_delay == 3.0
    made = world.jira.create({"summary": "s", "labels": []}, "offkey@fennelandrye.example")
    closing = {"key": made.key, "resolution": "Duplicate", "by": "alex.agent"}
    assert call("POST", "control", "/resolve", json=closing).status_code == 204
    state = call("GET", "control", "/state").json()
    assert state["tickets"][0]["resolution"] == "Duplicate"
    assert state["asked"]["erik-npm"] >= 2
    assert not any(token.secret in json.dumps(state) for token in world.tokens)


def test_a_key_that_two_systems_have_is_told_apart_by_the_systems_name(world: World) -> None:
    for site in (world.jira, world.jira_dc):
        site.create({"summary": "s", "labels": []}, "offkey@fennelandrye.example")
    world.resolve_ticket("SEC-1", system="jira_dc")
    assert [world.jira.all[0].resolution, world.jira_dc.all[0].resolution] == [None, "Done"]
    with pytest.raises(KeyError):
        world.resolve_ticket("SEC-1", system="servicenow")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/revoke", {"label": "nobody"}),
        ("/revoke", {}),
        ("/status", {"label": "erik-npm", "status": "odd"}),
        ("/fault", {"vendor": "npm", "kind": "odd"}),
        ("/resolve", {"key": "SEC-404"}),
    ],
)
def test_a_wrong_lever_says_so(call: Caller, path: str, body: dict[str, str]) -> None:
    assert call("POST", "control", path, json=body).status_code == 400


def test_the_process_writes_its_addresses_and_ends_on_term(
    company: Company, tmp_path: Path
) -> None:
    ports = tmp_path / "ports.json"
    words = ["-m", "sample_data.simulators", "--company", str(company.folder)]
    process = subprocess.Popen([sys.executable, *words, "--ports-file", str(ports)])
    try:
        deadline = time.monotonic() + 15
        while not ports.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        addresses = json.loads(ports.read_text(encoding="utf-8"))
        state = requests.get(addresses["control"] + "/state", timeout=5).json()
        assert len(state["tokens"]) == len(company.plan.tokens)
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
