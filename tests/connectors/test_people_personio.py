from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from connectors.people_personio import Settings, connect
from correlate.errors import SourceError
from correlate.model import Employment
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

LOGIN = HttpPeopleContract.login
PAGE = 10


def made(base: str, **changes: Any) -> PeopleFeed:
    settings = Settings(client_id="papi-1", client_secret=Secret(LOGIN), base_url=base,
                        internal_hosts=("127.0.0.1",), timeout_s=5.0)  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", Path("/nonexistent")))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def employment(number: int, one: Person, last_day: str = "last_working_date") -> dict[str, Any]:
    words = {"active": "ACTIVE", "left": "INACTIVE"}
    termination = {
        "termination_date": one.end, last_day: one.last_day or None,
        "terminated_at": "2025-12-01" if "-" in one.end else None, "type": "QUIT",
    }  # fmt: skip
    return {
        "id": f"e{number}", "status": words.get(one.status, one.status), "type": "INTERNAL",
        "employment_start_date": one.start, "employment_end_date": one.end or None,
        "termination": termination if one.end else None, "supervisor": {"id": one.manager},
        "legal_entity": {"id": "170"}, "person": {"id": one.id},
        "org_units": [{"type": "team", "id": "1"}, {"type": "department", "id": "401"}],
    }  # fmt: skip


class TestPersonio(HttpPeopleContract):
    path, pages = "/v2/persons", 4  # those of the persons, and the first of the employments
    last_day = "last_working_date"

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        if asked.path == "/v2/auth/token":
            assert LOGIN.encode() in asked.body
            return page({"access_token": "minted", "token_type": "Bearer"})
        assert asked.headers["authorization"] == "Bearer minted"
        numbered = list(enumerate(people))
        if asked.path != "/v2/persons":
            key = unquote(asked.path.split("/")[3])
            mine = [employment(n, one, self.last_day) for n, one in numbered if key == one.id]
            return page({"_data": mine, "_meta": {"links": {}}})
        shown = list({(one.id, one.last): one for one in people}.values())
        at = int(asked.query.get("cursor", 0))
        links = {"next": {"href": f"/v2/persons?limit=50&cursor={at + PAGE}"}}
        return page(
            {
                "_data": [_person(one, numbered) for one in shown[at : at + PAGE]],
                "_meta": {"links": links if at + PAGE < len(shown) else {}},
            }
        )

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)

    def test_an_employment_that_is_not_listed_is_missed(self) -> None:
        def answer(asked: Asked) -> Told:
            told = self.answer(staff(), asked)
            if asked.path.endswith("/employments") and "/000007/" in asked.path:
                return page({"_data": [], "_meta": {"links": {}}})
            return told

        with answering(answer) as base, pytest.raises(SourceError, match="short"):
            made(base).snapshot(NOW, None)

    def test_what_else_an_employment_says(self) -> None:
        one = only(self.read(staff()).workers, "000001")
        assert (one.unit, one.employer, one.worker_type) == ("401", "170", "INTERNAL")
        assert one.announced_at is not None
        assert one.employment is Employment.LEFT


class TestPersonioByItsReference(TestPersonio):
    """The last day under the name that the reference gives it."""

    last_day = "last_working_day"


def _person(one: Person, numbered: Sequence[tuple[int, Person]]) -> dict[str, Any]:
    mine = [{"id": f"e{n}"} for n, other in numbered if other.id == one.id]
    return {
        "id": one.id, "email": one.mail, "first_name": one.first, "last_name": one.last,
        "status": "ACTIVE", "employments": mine,
    }  # fmt: skip
