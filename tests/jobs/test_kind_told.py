"""What is told of a kind, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.kind import Answer, Kind, Revocation, Survival, Verification
from correlate.model import KindId, LivenessState
from jobs.kind_told import asked_of, disabled_counts, record, rows, summary, when

PLAIN = Kind(
    id=KindId("fennel_key"),
    issuer="fennel",
    name="Fennel key",
    pattern="(fnl_[0-9]{8})",
    anchors=("fnl_",),
    source="https://fennel.example/keys",
    example="fnl_{digits:8}",
)
CALL = Verification(via="http", host="https://api.fennel.example", source="https://fennel.example")
GONE = Answer(LivenessState.DEAD, "Fennel says: gone", (401,), {"/code": "gone"})


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (None, ""),
        (CALL, "api.fennel.example"),
        (replace(CALL, host=""), "the configured host"),
        (replace(CALL, via="ssh_inventory", host=""), "the configured host"),
        (replace(CALL, self_hosted=True), "api.fennel.example or the configured host"),
        (
            replace(CALL, host="https://{region}.fennel.example", regions=("eu", "us")),
            "{region}.fennel.example",
        ),
        (
            replace(CALL, host="https://{region}", regions=("fennel.example", "fennel.gov")),
            "fennel.example and 1 more",
        ),
        (
            replace(CALL, host="https://{region}", regions=("fennel.example",), self_hosted=True),
            "fennel.example or the configured host",
        ),
    ],
)
def test_it_is_told_who_is_asked(rule: Verification | None, told: str) -> None:
    kind = replace(PLAIN, verification=rule)
    assert asked_of(kind) == told
    assert dict(rows(kind))["asks"].startswith(told or "nobody")
    asks = record(kind)["asks"]
    assert (asks["of"] if isinstance(asks, dict) else "") == told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (GONE, "status 401, /code is 'gone'"),
        (replace(GONE, statuses=(401, 403), body={}), "status 401 or 403"),
        (replace(GONE, statuses=(), body={"header:X-Id": "*", "/a": "null"}), "has X-Id, null /a"),
        (replace(GONE, statuses=(), body={}, contains="gone"), "says 'gone'"),
        (replace(GONE, statuses=(), body={}), "any answer"),
    ],
)
def test_the_conditions_of_an_answer_are_put_in_words(answer: Answer, told: str) -> None:
    assert when(answer) == told


def test_all_is_told_with_its_source() -> None:
    kind = replace(
        PLAIN,
        checksum="crc32_base62",
        verification=replace(CALL, answers=(GONE,), self_hosted=True, regions=("eu",)),
        survival=Survival("survives", "It outlives.", "https://fennel.example/out", "2026-11-01"),
        revoke_hint="Pull it up.",
        revocation=Revocation("https://fennel.example/end", "/self"),
    )
    assert dict(rows(kind)) == {
        "issuer": "fennel",
        "described at": "https://fennel.example/keys",
        "checksum": "crc32_base62, looked at offline",
        "asks": "api.fennel.example or the configured host by GET /",
        "regions": "eu",
        "configure it as": 'hosts.fennel of an [[issuers]] entry of type "http"',
        "dead": "status 401, /code is 'gone': Fennel says: gone",
        "documented at": "https://fennel.example",
        "account disabled": "survives: It outlives.",
        "said at": "https://fennel.example/out (2026-11-01)",
        "to revoke it": "Pull it up.",
        "ends itself": "by DELETE /self (`offkey revoke`)",
    }


def test_what_nobody_says_is_counted_as_unknown() -> None:
    kinds = (PLAIN, replace(PLAIN, issuer="other", survival=Survival("survives")))
    assert dict(disabled_counts(kinds)) == {"survives": 1, "dies": 0, "blocked": 0, "unknown": 1}
    assert summary(kinds).startswith("2 kinds of 2 issuers; 0 can be asked")
    assert dict(rows(PLAIN))["account disabled"].startswith("unknown: no page")
