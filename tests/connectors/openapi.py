"""OpenAPI documents that vendors publish, to hold calls and made-up answers against.

None comes with offkey. The variable OFFKEY_OPENAPI names a folder of them, ISSUER.json or
ISSUER.yaml each; GitHub's under the names of `generated` in the npm package @octokit/openapi,
which `.ci/run` fetches. Others: figma/rest-api-spec, netlify/open-api (swagger.yml),
openai/openai-openapi, PagerDuty/api-schema.
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

FOLDER = os.environ.get("OFFKEY_OPENAPI", "")
GITHUB, GITHUB_CLOUD, GITHUB_SERVER = "api.github.com", "ghec", "ghes-3.19"


def path_of(name: str) -> Path | None:
    """Return the file of a document, None where it is not there."""
    files = (Path(FOLDER) / (name + suffix) for suffix in (".json", ".yaml"))
    return next((file for file in files if FOLDER and file.is_file()), None)


@cache
def document(name: str) -> Mapping[str, Any]:
    """Return a document; skip the test where it is not there."""
    path = path_of(name)
    if path is None:
        pytest.skip(f"OFFKEY_OPENAPI names no folder with a document of {name}")
    load = json.loads if path.suffix == ".json" else yaml.safe_load
    found: Mapping[str, Any] = load(path.read_text(encoding="utf-8-sig"))
    return found


def operation(whole: Mapping[str, Any], method: str, asked: str) -> Mapping[str, Any] | None:
    """Return what a document says of a call, whose path has no query."""
    starts = {whole.get("basePath", ""), ""}
    starts |= {urlsplit(server["url"]).path.rstrip("/") for server in whole.get("servers", ())}
    for path, item in whole["paths"].items():
        pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", re.escape(path))
        if any(re.fullmatch(re.escape(start) + pattern, asked) for start in starts):
            found: Mapping[str, Any] | None = item.get(method.lower())
            return found
    return None


def answers(whole: Mapping[str, Any], call: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of the answers that are no errors."""
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
    """Return what a reference stands for."""
    while "$ref" in part:
        found: Any = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        part = found
    return part


def pointers(value: object) -> Iterator[list[str]]:
    """Yield the steps to every leaf of a JSON value; of a list, to those of its first item."""
    inner: list[tuple[str, object]] = []
    if isinstance(value, dict):
        inner = [(str(name), held) for name, held in value.items()]
    elif isinstance(value, list):
        inner = [("0", held) for held in value[:1]]
    if not inner:
        yield []
    for step, held in inner:
        yield from ([step, *rest] for rest in pointers(held))
