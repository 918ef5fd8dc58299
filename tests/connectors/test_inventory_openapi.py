"""GitHub's lists as the tests make them up have no field that GitHub's documents do not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.connectors.openapi import (
    GITHUB_CLOUD,
    GITHUB_SERVER,
    answers,
    document,
    has,
    operation,
)
from tests.connectors.test_inventory_github import authorisation, grant, key, site_key, site_token

PLACES: tuple[tuple[str, str, Callable[[int], Mapping[str, object]]], ...] = (
    (GITHUB_CLOUD, "/orgs/acme/personal-access-tokens", grant),
    (GITHUB_CLOUD, "/orgs/acme/credential-authorizations", authorisation),
    (GITHUB_CLOUD, "/repos/acme/shop/keys", key),
    (GITHUB_SERVER, "/admin/tokens", site_token),
    (GITHUB_SERVER, "/admin/keys", site_key),
)


@pytest.mark.parametrize(("name", "path", "made"), PLACES, ids=[path for _, path, _ in PLACES])
def test_no_field_is_made_up(
    name: str, path: str, made: Callable[[int], Mapping[str, object]]
) -> None:
    whole = document(name)
    call = operation(whole, "GET", path)
    assert call is not None
    (schema,) = answers(whole, call)
    for field in made(1):
        assert has(whole, schema, ["0", field]), field
