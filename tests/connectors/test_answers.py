from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.answers import judge
from connectors.http import Reply
from correlate.kind import Answer, IdentityRule, Verification
from correlate.model import LivenessState
from correlate.secret import Secret

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = Secret("tok_" + "abc" * 8)
JSON = {"content-type": "application/json"}
EAGER = Verification(
    via="http",
    host="https://x.example",
    source="https://x.example",
    answers=(
        Answer(LivenessState.LIVE, "ok", (200,), {"/a": "*"}),
        Answer(LivenessState.DEAD, "anything else"),
    ),
    identities=(IdentityRule("github", "/a"), IdentityRule("aws-user", "/a", "x(y+)")),
    scopes="/scopes",
    created_at="/a",
)


@pytest.mark.parametrize("status", [301, 302, 307, 407, 408, 429, 500, 502, 503, 504, 599, 101])
def test_however_eager_a_kind_is_these_are_no_rejections(status: int) -> None:
    answer = judge(EAGER, Reply(status, JSON, b'{"error": 1}'), SECRET, NOW)
    assert answer.state is LivenessState.UNKNOWN


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"])
def test_a_page_for_people_says_nothing(kind: str) -> None:
    answer = judge(EAGER, Reply(401, {"content-type": kind}, b'{"a": 1}'), SECRET, NOW)
    assert answer.state is LivenessState.UNKNOWN


@pytest.mark.parametrize(
    ("body", "scopes"),
    [
        (b'{"a": 1, "scopes": ["x", 2, null, {"y": 1}]}', ("x", "2")),
        (b'{"a": 1, "scopes": "x, y  z"}', ("x", "y", "z")),
        (b'{"a": 1, "scopes": {"x": 1}}', ()),
        (b'{"a": 1}', ()),
    ],
)
def test_scopes_come_in_many_shapes(body: bytes, scopes: tuple[str, ...]) -> None:
    assert judge(EAGER, Reply(200, JSON, body), SECRET, NOW).scopes == scopes


def test_what_an_issuer_says_is_bounded_and_printable() -> None:
    body = b'{"a": "' + b"x" * 5000 + b'\\u0007\\u202e"}'
    (identity,) = judge(EAGER, Reply(200, JSON, body), SECRET, NOW).identities
    assert len(identity.handle) == 256
    assert identity.handle.isprintable()


@given(st.integers(100, 599), st.binary(max_size=300))
def test_no_answer_breaks_it(status: int, body: bytes) -> None:
    for kind in ("application/json", "text/plain", "", "application/problem+json"):
        answer = judge(EAGER, Reply(status, {"content-type": kind}, body), SECRET, NOW)
        assert answer.state is not LivenessState.LIVE or status == 200
        assert SECRET.reveal() not in repr(answer)
