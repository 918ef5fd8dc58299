"""What kinds declare, held against the OpenAPI documents that vendors publish.

None comes with offkey. The variable OFFKEY_OPENAPI names a folder of them, ISSUER.json or
ISSUER.yaml each: `generated/api.github.com.json` of the npm package @octokit/openapi for GitHub,
figma/rest-api-spec, netlify/open-api (swagger.yml), openai/openai-openapi, PagerDuty/api-schema.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from correlate.kind import Verification
from correlate.model import LivenessState
from tests.connectors.test_declared_answers import CASES, Case

FOLDER = os.environ.get("OFFKEY_OPENAPI", "")
UNLISTED = {
    "openai.me": "OpenAI's help pages name /v1/me, its document does not",
    "slack.bot": "Slack's document of 2021 knows auth.test as a GET only",
    "slack.person": "Slack's document of 2021 knows auth.test as a GET only",
    "webex.me": "Webex's document names no base path",
}

pytestmark = pytest.mark.skipif(not FOLDER, reason="OFFKEY_OPENAPI names no folder")


@cache
def document(issuer: str) -> Mapping[str, Any] | None:
    for suffix, load in ((".json", json.loads), (".yaml", yaml.safe_load)):
        path = Path(FOLDER) / (issuer + suffix)
        if path.is_file():
            found: Mapping[str, Any] = load(path.read_text(encoding="utf-8-sig"))
            return found
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_vendors_document_has_the_call_and_its_fields(case: Case) -> None:
    issuer = case.name.partition(".")[0]
    whole = document(issuer)
    if whole is None or case.name in UNLISTED:
        pytest.skip(UNLISTED.get(case.name, f"no document of {issuer}"))
    call = operation(whole, case.rule)
    assert call is not None, f"{case.rule.method} {case.rule.path} is not in the document"
    schemas = list(answers(whole, call))
    assert schemas, "the document shows no accepting answer"
    for place in places(case.rule):
        steps = place.split("/")[1:]
        assert any(has(whole, schema, steps) for schema in schemas), place


def places(rule: Verification) -> Iterator[str]:
    """The places that the kind reads in an accepting answer, without headers."""
    told = [place for a in rule.answers if a.state is LivenessState.LIVE for place in a.body]
    told += [identity.at for identity in rule.identities]
    told += [rule.owner_name, rule.scopes, rule.created_at, rule.expires_at, rule.last_used_at]
    yield from (place for place in told if place.startswith("/"))


def operation(whole: Mapping[str, Any], rule: Verification) -> Mapping[str, Any] | None:
    starts = {whole.get("basePath", "")}
    starts |= {urlsplit(server["url"]).path.rstrip("/") for server in whole.get("servers", ())}
    asked = rule.path.partition("?")[0]
    for path, item in whole["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))
        if any(re.fullmatch(re.escape(start) + pattern, asked) for start in starts | {""}):
            found: Mapping[str, Any] | None = item.get(rule.method.lower())
            return found
    return None


def answers(whole: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for status, answer in call["responses"].items():
        told = resolved(whole, answer)
        if str(status).startswith("2"):
            yield from (media["schema"] for media in told.get("content", {}).values())
            if "schema" in told:
                yield told["schema"]


def has(whole: Mapping[str, Any], schema: Mapping[str, Any], steps: list[str]) -> bool:
    """Whether a value of the schema may have something at these steps of a JSON pointer."""
    schema = resolved(whole, schema)
    if not steps:
        return True
    for parts in ("allOf", "oneOf", "anyOf"):
        if any(has(whole, part, steps) for part in schema.get(parts, ())):
            return True
    if steps[0].isdigit() and "items" in schema:
        return has(whole, schema["items"], steps[1:])
    return steps[0] in schema.get("properties", {}) and has(
        whole, schema["properties"][steps[0]], steps[1:]
    )


def resolved(whole: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        part = found
    return part
