from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.people_json import Settings, connect
from correlate.errors import AuthError, ConfigError, FeedRefused
from correlate.model import Identity
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import (
    NOW,
    HttpPeopleContract,
    Person,
    only,
    page,
    question,
    staff,
)
from tests.connectors.wire import Asked, Told, answering

SETUP = Setup("hr", Path("/nonexistent"))
LOGIN = HttpPeopleContract.login
COLUMNS = {
    "worker_id": "id", "first_name": "name.given", "last_name": "name.family",
    "email": "mails.*.value", "status": "state", "manager": "jobs[main=true].boss",
    "starts": "from", "last_working_day": "to.worked|to.paid", "ends": "to.legal",
}  # fmt: skip
SIZE = 10


def record(one: Person) -> dict[str, Any]:
    return {
        "id": one.id, "name": {"given": one.first, "family": one.last},
        "mails": [{"value": one.mail}], "state": one.status, "from": one.start,
        "jobs": [{"main": False, "boss": "9"}, {"main": True, "boss": one.manager}],
        "to": {"worked": one.last_day or None, "paid": None, "legal": one.end or None},
    }  # fmt: skip


def made(url: str, /, **changes: Any) -> PeopleFeed:
    settings = Settings(url=url, token=Secret(LOGIN), columns=COLUMNS, rows="data.items",
                        internal_hosts=("127.0.0.1",), timeout_s=5.0)  # fmt: skip
    return connect(replace(settings, **changes), SETUP)


def outbound(at: At) -> Ask:
    changes = {"internal_hosts": at.internal, "timeout_s": at.timeout_s}
    return question(made(f"{at.base}/people", **changes))


class TestPages(HttpPeopleContract):
    path, pages = "/people", 3

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        assert asked.headers["authorization"] == f"Bearer {LOGIN}"
        number, size = int(asked.query["page"]), int(asked.query["size"])
        rows = [record(one) for one in people][(number - 1) * size : number * size]
        return page({"data": {"items": rows, "total": len(people)}})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        how = {"follow": "page", "parameter": "page", "size_parameter": "size", "size": SIZE,
               "total": "data.total"}  # fmt: skip
        return made(f"{base}/people", **{**how, **settings})

    def test_a_list_that_ends_before_its_total_is_refused(self) -> None:
        short = lambda data: data.replace(b'"total": 24', b'"total": 25')  # noqa: E731
        assert "more were told of" in self.refusal(staff(), short)


class TestDated(HttpPeopleContract):
    """One answer, which says when it was written."""

    path = "/people"
    inexpressible: ClassVar[Mapping[str, str]] = {
        name: why for name, why in HttpPeopleContract.inexpressible.items() if name != "stale"
    }

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        at = asked.query["at"]
        return page({"data": {"items": [record(one) for one in people]}, "made": at})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        at = settings.pop("at", "2026-03-02T01:00:00Z")
        return made(f"{base}/people?at={at}", written="made", **settings)

    def stale(self, people: Sequence[Person]) -> AbstractContextManager[PeopleFeed]:
        return self.publish(people, at="2026-02-28T01:00:00Z")

    def test_an_answer_that_does_not_say_when_is_refused(self) -> None:
        for at in ("soon", ""):
            assert "when it was written" in self.refusal(staff(), at=at)


def seen_with(**changes: Any) -> list[Asked]:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        if asked.path == "/token":
            return page({"access_token": "minted", "expires_in": 60})
        return page({"data": {"items": [record(one) for one in staff()]}})

    with answering(answer) as base:
        if "token_url" in changes:
            changes["token_url"] = f"{base}/token"
        made(f"{base}/people?kind=all", token=None, **changes).snapshot(NOW, None)
    return seen


def test_every_way_to_log_in() -> None:
    pair = base64.b64encode(f"isu:{LOGIN}".encode()).decode()
    (asked,) = seen_with(user="isu", password=Secret(LOGIN))
    assert asked.headers["authorization"] == f"Basic {pair}"
    assert asked.query == {"kind": "all"}
    (asked,) = seen_with(header="X-Api-Key", header_value=Secret(LOGIN))
    assert asked.headers["x-api-key"] == LOGIN
    client = {"client_id": "isu", "client_secret": Secret(LOGIN), "token_url": "", "scope": "hr"}
    token, asked = seen_with(**client)
    assert token.headers["authorization"] == f"Basic {pair}"
    assert token.body == b"grant_type=client_credentials&scope=hr"
    assert asked.headers["authorization"] == "Bearer minted"
    token, _ = seen_with(**client, login_in_body=True)
    assert f"client_secret={LOGIN}" in token.body.decode()
    assert "authorization" not in token.headers


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "people"}, {"follow": "next"}, {"follow": "page"}, {"columns": {}},
        {"follow": "cursor", "parameter": "at"}, {"token": None}, {"rows": "a..b"},
        {"user": "u", "password": Secret("p")}, {"default_zone": "Mars/Base"},
        {"columns": {**COLUMNS, "email": "mails[0]"}}, {"columns": {**COLUMNS, "pay": "pay"}},
        {"statuses": {"gone": "vanished"}}, {"list_separator": ""},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        made("http://127.0.0.1/people", **changes)
    assert caught.value.where.startswith("people.hr.")


def read(*records: dict[str, Any], **changes: Any) -> Any:
    with answering(lambda _: page({"data": {"items": records}})) as base:
        return made(f"{base}/people", **changes).snapshot(NOW, None)


def test_more_than_one_value_has_to_be_meant() -> None:
    records = [record(one) for one in staff()]
    records[6]["mails"].append({"value": "other@x.example"})
    records[6]["logins"] = ["janed", "jd"]
    one = only(read(*records, identities={"github": "logins.*"}).workers, "000007")
    assert one.emails == ("p7@x.example", "other@x.example")
    assert one.identities == (Identity("github", "janed"), Identity("github", "jd"))
    records[6]["jobs"].append({"main": True, "boss": "000002"})
    with pytest.raises(FeedRefused, match="more than one value"):
        read(*records)


def test_a_path_that_leads_nowhere_is_refused_where_it_matters_and_told_elsewhere() -> None:
    records = [record(one) for one in staff()]
    for field in ("worker_id", "email", "status", "starts", "ends"):
        with pytest.raises(FeedRefused, match="stand in no object"):
            read(*records, columns={**COLUMNS, field: "nowhere"})
    taken = read(*records, columns={**COLUMNS, "embargo_until": "hush.until"})
    assert taken.problems == ("`hush.until` stands in no object",)


def test_halves_of_characters_are_refused() -> None:
    body = json.dumps({"data": {"items": [record(one) for one in staff()]}}).replace(
        '"Jane"', '"\\ud800"'
    )
    with answering(lambda _: Told(body=body.encode())) as base, pytest.raises(FeedRefused):
        made(f"{base}/people").snapshot(NOW, None)


def test_a_token_that_is_not_given_is_an_error_of_the_login() -> None:
    client = {"token": None, "client_id": "isu", "client_secret": Secret(LOGIN)}
    with answering(lambda _: Told(400, b'{"error": "invalid_client"}')) as base:
        feed = made(f"{base}/people", token_url=f"{base}/token", **client)
        with pytest.raises(AuthError) as caught:
            feed.snapshot(NOW, None)
    assert LOGIN not in str(caught.value)
