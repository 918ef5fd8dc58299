"""Vendors on loopback, and stores on both engines, for the connectors' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors import store_sql
from connectors.store_schema import metadata
from connectors.store_sql import SqlStore
from correlate.ports import Setup
from correlate.secret import Secret
from sample_data.simulators.plan import Forge, Logins, Plan
from sample_data.simulators.run import running
from sample_data.simulators.server import Endpoints
from sample_data.simulators.world import World
from tests.services import postgresql


@dataclass(frozen=True, slots=True)
class Vendors:
    """The simulated vendors: their memory, and where they listen."""

    world: World
    at: Endpoints


LOGINS = Logins(
    github="gh-login",
    gitlab="gl-login",
    jira_email="bot@example.com",
    jira_token="jira-login",
    jira_dc_token="jira-dc-login",
    servicenow_user="offkey",
    servicenow_password="snow-login",
)


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    plan = Plan(
        LOGINS, Forge("acme"), Forge("gitlab.acme.example"), assignment_groups=("Identity",)
    )
    world = World(plan)
    with running(world) as at:
        yield Vendors(world, at)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """Return a store of its own on each engine."""
    url = request.getfixturevalue("server") if request.param == "postgresql" else ""
    settings = store_sql.Settings(Secret(url) if url else None)
    made = store_sql.connect(settings, Setup("store", tmp_path / "state"))
    made.prepare()
    yield made
    if url:
        with made._opened().begin() as connection:
            metadata.drop_all(connection)
            connection.exec_driver_sql("DROP TABLE alembic_version")
    made.close()
