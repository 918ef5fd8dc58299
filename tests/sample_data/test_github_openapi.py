"""The simulated GitHub speaks as GitHub's own OpenAPI document says."""

from __future__ import annotations

import pytest

from sample_data.simulators.world import World
from tests.connectors.openapi import (
    GITHUB,
    GITHUB_CLOUD,
    answers,
    document,
    has,
    operation,
    pointers,
)
from tests.sample_data.caller import Caller

ORG = "fennelandrye"
PATHS = (
    f"/orgs/{ORG}/credential-authorizations",
    "/user",
    f"/orgs/{ORG}/actions/variables",
    f"/orgs/{ORG}/actions/secrets",
    f"/orgs/{ORG}/repos",
    f"/repos/{ORG}/storefront",
    f"/repos/{ORG}/storefront/actions/variables",
    f"/repos/{ORG}/storefront/actions/secrets",
    f"/repos/{ORG}/storefront/environments",
    f"/repos/{ORG}/storefront/collaborators",
)


@pytest.mark.parametrize("path", PATHS)
def test_no_path_and_no_field_is_made_up(call: Caller, world: World, path: str) -> None:
    whole = document(GITHUB_CLOUD if "authorizations" in path else GITHUB)
    described = operation(whole, "GET", path)
    assert described is not None
    schemas = list(answers(whole, described))
    own = {"Authorization": f"Bearer {world.plan.logins.github}"}
    answer = call("GET", "github", path, headers=own)
    assert answer.status_code == 200
    for steps in pointers(answer.json()):
        assert any(has(whole, schema, steps) for schema in schemas), "/".join(steps)
