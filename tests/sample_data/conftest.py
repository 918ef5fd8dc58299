from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sample_data.company import Company, build
from sample_data.simulators.run import running
from sample_data.simulators.world import World
from tests.sample_data.caller import Caller


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return build(tmp_path_factory.mktemp("company"))


@pytest.fixture
def world(company: Company) -> World:
    return company.world()


@pytest.fixture
def call(world: World) -> Iterator[Caller]:
    with running(world) as endpoints, requests.Session() as session:
        session.trust_env = False
        yield Caller(session, endpoints)


@pytest.fixture
def secret(world: World) -> dict[str, str]:
    """Plaintexts by label."""
    return {token.label: token.secret for token in world.tokens}
