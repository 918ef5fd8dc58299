"""What kinds declare, held against the OpenAPI documents that vendors publish."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from correlate.kind import Verification
from correlate.model import LivenessState
from tests.connectors import openapi
from tests.connectors.openapi import answers, document, has, operation
from tests.connectors.test_declared_answers import CASES, Case

NAMES = {"github": openapi.GITHUB}
UNLISTED = {
    "openai.me": "OpenAI's help pages name /v1/me, its document does not",
    "slack.bot": "Slack's document of 2021 knows auth.test as a GET only",
    "slack.person": "Slack's document of 2021 knows auth.test as a GET only",
    "webex.me": "Webex's document names no base path",
}


def document_of(case: Case) -> str:
    issuer = case.name.partition(".")[0]
    return NAMES.get(issuer, issuer)


DOCUMENTED = [
    case for case in CASES if case.name not in UNLISTED and openapi.path_of(document_of(case))
]


@pytest.mark.skipif(not openapi.FOLDER, reason="OFFKEY_OPENAPI names no folder")
@pytest.mark.parametrize("case", DOCUMENTED, ids=lambda case: case.name)
def test_the_vendors_document_has_the_call_and_its_fields(case: Case) -> None:
    whole = document(document_of(case))
    call = operation(whole, case.rule.method, case.rule.path.partition("?")[0])
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
