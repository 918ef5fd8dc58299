from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.people_successfactors import Settings, connect
from correlate.errors import ConfigError
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.outbound import Ask, At
from tests.connectors.people_contract import (
    HttpPeopleContract,
    Person,
    leaver,
    only,
    page,
    question,
    staff,
)
from tests.connectors.wire import Asked, Told

PAGE = 10


@functools.cache
def key() -> str:
    made = rsa.generate_private_key(65537, 1024)  # noqa: S505 - quick to check, and of no use
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def made(base: str, **changes: Any) -> PeopleFeed:
    settings = Settings(
        base_url=base, company_id="acme", client_id="api-key", user="offkey",
        private_key=Secret(key()), internal_hosts=("127.0.0.1",), timeout_s=5.0,
    )  # fmt: skip
    return connect(replace(settings, **changes), Setup("hr", Path("/nonexistent")))


def outbound(at: At) -> Ask:
    return question(made(at.base, internal_hosts=at.internal, timeout_s=at.timeout_s))


def written(day: str) -> str | None:
    """A day as OData v2 writes it; what is none is passed on, as a system with a fault would."""
    if not day:
        return None
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return f"/Date({int(at.timestamp() * 1000)})/"


def record(one: Person) -> dict[str, Any]:
    words = {"active": "t", "left": "f"}
    user = {
        "firstName": one.first, "lastName": one.last, "email": one.mail,
        "status": words.get(one.status, one.status), "timeZone": "UTC", "department": "IT",
        "manager": {"userId": one.manager}, "hr": {"__deferred": {"uri": "x"}},
    }  # fmt: skip
    return {
        "personIdExternal": f"P{one.id}", "userId": one.id, "startDate": written(one.start),
        "endDate": written(one.end), "lastDateWorked": written(one.last_day), "userNav": user,
    }  # fmt: skip


class TestSuccessFactors(HttpPeopleContract):
    path, pages = "/odata/v2/EmpEmployment", 3
    inexpressible: ClassVar[Mapping[str, str]] = {
        **HttpPeopleContract.inexpressible,
        "dates as texts": "a date is a number of milliseconds",
    }

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        if asked.path == "/oauth/token":
            form = parse_qs(asked.body.decode())
            assert form["company_id"] == ["acme"]
            assert b"api-key" in base64.b64decode(form["assertion"][0])
            return page({"access_token": "minted"})
        assert asked.headers["authorization"] == "Bearer minted"
        shown = [
            one for one in people if "'f'" in asked.query.get("$filter", "") or one.status != "left"
        ]
        at = int(asked.query.get("$skiptoken", 0))
        d: dict[str, Any] = {"results": [record(one) for one in shown[at : at + PAGE]]}
        if at + PAGE < len(shown):
            host = asked.headers["host"]
            query = f"$filter=userNav/status%20in%20't','f'&$skiptoken={at + PAGE}"
            d["__next"] = f"http://{host}{asked.path}?{query}"
        return page({"d": d})

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        return made(base, **settings)

    def test_a_date_with_a_time_is_that_instant(self) -> None:
        table = staff()

        def exact(data: bytes) -> bytes:
            day = written(table[0].end)
            assert day is not None
            return data.replace(day.encode(), b"/Date(1769788800000+0000)/")

        one = only(self.read(table, exact).workers, "000001")
        assert one.ends_at == datetime(2026, 1, 30, 16, tzinfo=UTC)

    def test_never_is_no_end(self) -> None:
        people = [*staff(), replace(leaver(30), status="active", end="9999-12-31", last_day="")]
        assert only(self.read(people).workers, "000030").ends_at is None

    def test_an_employment_leads_to_its_human(self) -> None:
        assert only(self.read(staff()).workers, "000007").person_key == "P000007"


def test_a_key_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match="no RSA key"):
        made("http://127.0.0.1:9", private_key=Secret("none")).snapshot(datetime.now(UTC), None)
