"""Vendors on loopback for the connectors' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sample_data.simulators.plan import Forge, Logins, Plan
from sample_data.simulators.run import running
from sample_data.simulators.server import Endpoints
from sample_data.simulators.world import World


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
