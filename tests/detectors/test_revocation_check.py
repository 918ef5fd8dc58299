from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.kind import Effect, Revocation, RevocationAnswer
from detectors.revocation_check import revocation_problems
from jobs.kind_files import packaged_kinds

KINDS = {kind.id: kind for kind in packaged_kinds() if kind.revocation}
GITLAB = KINDS["gitlab_pat"]  # type: ignore[index]
DONE = (RevocationAnswer(Effect.DONE, "done", (204,)),)
GOOD = Revocation("https://vendor.example/docs", "/tokens/self", answers=DONE)
LIST = replace(
    GOOD, path="/credentials/revoke", method="POST", auth="json", body='{"c": ["{secret}"]}'
)


def test_seven_issuers_tokens_revoke_themselves() -> None:
    assert len({kind.issuer for kind in KINDS.values()}) == 7
    assert all(kind.verification for kind in KINDS.values())


@pytest.mark.parametrize("rule", [GOOD, LIST, replace(GOOD, path="/v2/access-token")])
def test_a_call_that_ends_one_credential_may_be_declared(rule: Revocation) -> None:
    assert list(revocation_problems(GITLAB, rule)) == []


@pytest.mark.parametrize(
    "rule",
    [
        replace(GOOD, revokes="all tokens of the user"),
        replace(GOOD, path="/tokens"),
        replace(GOOD, path="/tokens/*"),
        replace(GOOD, path="/tokens/{id}"),
        replace(GOOD, path="/tokens/self?all=true"),
        replace(GOOD, path="/personal_access_tokens/self/rotate"),
        replace(GOOD, path="/orgs/acme/api-tokens/self"),
        replace(GOOD, path="/auth/token/revoke-self"),
        replace(GOOD, path="/sessions/current"),
        replace(GOOD, method="PUT"),
        replace(GOOD, auth="query:token"),
        replace(GOOD, source="a colleague"),
        replace(GOOD, body="{}"),
        replace(GOOD, headers={"Authorization": "x"}),
        replace(GOOD, answers=()),
        replace(GOOD, answers=(RevocationAnswer(Effect.DONE, "done", (200,)),)),
        replace(GOOD, answers=(RevocationAnswer(Effect.DONE, "done"),)),
        replace(LIST, body='{"c": ["{secret}", "{secret}"]}'),
        replace(LIST, body='{"c": ["{secret}"], "user": "jane"}'),
        replace(LIST, body='["{secret}"]'),
        replace(LIST, body="{secret}"),
    ],
)
def test_a_call_that_may_end_more_is_refused(rule: Revocation) -> None:
    assert list(revocation_problems(GITLAB, rule))


def test_a_revocation_that_nothing_could_prove_is_refused() -> None:
    assert list(revocation_problems(replace(GITLAB, verification=None), GOOD))
    assert list(revocation_problems(replace(GITLAB, partner="x"), GOOD))
