"""The made-up GitHub answers with no field that GitHub's own OpenAPI documents do not have.

Nothing of them is kept here: OFFKEY_OPENAPI names the folder `generated` of the npm package
@octokit/openapi; without it there is nothing to compare with.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.test_inventory_github import authorisation, grant, key, site_key, site_token

PLACES: tuple[tuple[str, str, Callable[[int], Mapping[str, object]]], ...] = (
    ("ghec.json", "/orgs/{org}/personal-access-tokens", grant),
    ("ghec.json", "/orgs/{org}/credential-authorizations", authorisation),
    ("ghec.json", "/repos/{owner}/{repo}/keys", key),
    ("ghes-3.19.json", "/admin/tokens", site_token),
    ("ghes-3.19.json", "/admin/keys", site_key),
)


def resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        target = document
        for step in schema["$ref"].split("/")[1:]:
            target = target[step.replace("~1", "/").replace("~0", "~")]
        schema = target
    return schema


@pytest.mark.parametrize(("name", "path", "made"), PLACES, ids=[path for _, path, _ in PLACES])
def test_no_field_is_made_up(
    name: str, path: str, made: Callable[[int], Mapping[str, object]]
) -> None:
    folder = os.environ.get("OFFKEY_OPENAPI")
    if not folder:
        pytest.skip("OFFKEY_OPENAPI is not set")
    document = json.loads((Path(folder) / name).read_text(encoding="utf-8"))
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    item = resolved(document, resolved(document, answer["schema"])["items"])
    assert set(made(1)) <= set(item["properties"])
