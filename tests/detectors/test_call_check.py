from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from correlate.errors import ConfigError
from correlate.kind import Answer, IdentityRule, Kind, Verification
from correlate.model import KindId, LivenessState
from detectors.call_check import call_problems
from detectors.catalogue import parse_kinds
from detectors.signed_posts import Post, read_only_posts

LIVE = Answer(LivenessState.LIVE, "hello", (200,), {"/id": "*"})
RULE = Verification(
    "http",
    "https://api.vendor.example",
    "https://vendor.example/docs",
    path="/v1/me",
    answers=(LIVE, Answer(LivenessState.DEAD, "no", (401,))),
)
KIND = Kind(KindId("tok"), "vendor", "Token", "(tok_x)", ("tok_",), "https://x.example", "")
PAIR = replace(KIND, partner="(sec_x)", partner_within=64)


def told(kind: Kind = KIND, **changes: Any) -> list[str]:
    return list(call_problems(kind, replace(RULE, **changes)))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"method": "HEAD"},
        {"host": "https://{region}.vendor.example", "regions": ("us", "eu")},
        {"host": "https://{region}.vendor.example", "regions": ("us",), "region_at": "-(us)$"},
        {"host": "", "self_hosted": True},
        {"self_hosted": True},
        {"auth": "header:X-Key"},
        {"auth": "header:Authorization:Token token="},
        {"auth": "basic:{secret}:"},
        {"auth": "basic:api:{secret}"},
        {"auth": "query:access_token"},
        {"auth": "path", "path": "/bot{secret}/getMe"},
        {"auth": "url"},
    ],
)
def test_a_read_at_a_pinned_host_may_be_declared(changes: dict[str, Any]) -> None:
    assert told(**changes) == []


@pytest.mark.parametrize("auth", ["headers:X-Id:X-Secret", "basic:{id}:{secret}", "basic-password"])
def test_a_pair_may_send_both_halves(auth: str) -> None:
    assert told(PAIR, auth=auth, path="/v1/keys/{id}") == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", "OPTIONS"])
def test_a_method_that_may_write_is_refused(method: str) -> None:
    (problem,) = told(method=method)
    assert problem.startswith("its verification is not a read")


@pytest.mark.parametrize("post", sorted(read_only_posts(), key=str))
def test_a_post_is_taken_as_it_was_signed_and_not_otherwise(post: Post) -> None:
    changes: dict[str, Any] = {
        "method": "POST", "host": post.host, "path": post.path, "body": post.body,
    }  # fmt: skip
    if "{region}" in post.host:
        changes["regions"] = ("api", "api.eu")
    assert told(**changes) == []
    for part, other in (("host", "https://x.example"), ("path", "/other"), ("body", '{"a":1}')):
        if "{region}" in post.host and part == "host":
            continue
        (problem,) = told(**{**changes, part: other})
        assert problem.startswith("its verification is not a read")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/token/rotate",
        "/api/revokeToken",
        "/oauth2/token?grant_type=refresh_token",
        "/v1/keys/reset",
        "/users?_method=DELETE",
        "/v1/session/renew",
    ],
)
def test_a_path_that_speaks_of_a_change_is_refused(path: str) -> None:
    (problem,) = told(path=path)
    assert problem.startswith("its verification speaks of a change")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"host": ""}, "names no host"),
        ({"host": "http://api.vendor.example"}, "not an https:// origin"),
        ({"host": "https://api.vendor.example/v1"}, "not an https:// origin"),
        ({"host": "https://user@api.vendor.example"}, "not an https:// origin"),
        ({"host": "https://10.0.0.1"}, "not an https:// origin"),
        ({"host": "https://{region}.vendor.example"}, "not an https:// origin"),
        ({"regions": ("us",)}, "names no regions, or the other way round"),
        ({"region_at": "(us)"}, "region_at is a pattern"),
        (
            {"host": "https://{region}.v.example", "regions": ("us",), "region_at": "(us"},
            "region_at is a pattern",
        ),
        ({"identities": (IdentityRule("login", "/id", "user"),)}, "has no group"),
        ({"path": "v1/me"}, "does not begin with a slash"),
        ({"headers": {"X-HTTP-Method-Override": "PUT"}}, "another method by a header"),
        ({"headers": {"Cookie": "a=b"}}, "not its own to set"),
        ({"body": "{}"}, "a body with a method that has none"),
        ({"auth": "oauth"}, "unknown way to send the secret"),
        ({"auth": "basic:me:you"}, "unknown way to send the secret"),
        ({"auth": "path"}, 'holds no "{secret}"'),
        ({"path": "/bot{secret}/getMe"}, "its path holds the secret"),
        ({"auth": "headers:X-Id:X-Secret"}, "speaks of a pair's id"),
        ({"path": "/v1/keys/{id}"}, "speaks of a pair's id"),
        ({"answers": (Answer(LivenessState.DEAD, "no", (401,)),)}, "live"),
        ({"answers": (Answer(LivenessState.LIVE, "ok", (200,)),)}, "takes any content"),
    ],
)
def test_what_else_is_refused(changes: dict[str, Any], problem: str) -> None:
    assert any(problem in found for found in told(**changes))


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        (Answer(LivenessState.DEAD, "no", (401,)), True),
        (Answer(LivenessState.DEAD, "no", (403,), {"/code": "gone"}), True),
        (Answer(LivenessState.DEAD, "no", (200,), {"/active": "false"}), True),
        (Answer(LivenessState.DEAD, "no", (404,), contains="unknown key"), True),
        (Answer(LivenessState.DEAD, "no"), False),
        (Answer(LivenessState.DEAD, "no", (), {"/code": "gone"}), False),
        (Answer(LivenessState.DEAD, "no", (200,)), False),
        (Answer(LivenessState.DEAD, "no", (403,)), False),
        (Answer(LivenessState.DEAD, "no", (404,)), False),
        *(
            (Answer(LivenessState.DEAD, "no", (401, status), {"/code": "gone"}), False)
            for status in (101, 301, 302, 407, 408, 425, 429, 500, 502, 503, 504)
        ),
    ],
)
def test_only_a_rejection_may_be_taken_for_death(answer: Answer, holds: bool) -> None:
    problems = told(answers=(LIVE, answer))
    assert [problem.startswith("it takes") for problem in problems] == ([] if holds else [True])


def test_a_file_that_declares_a_write_is_not_loaded() -> None:
    text = """
issuer = "vendor"
[[kinds]]
id = "vendor_token"
name = "Vendor token"
token = '''vnd_[0-9a-f]{32}'''
source = "https://vendor.example/docs"
example = "vnd_{hex:32}"
verification = "me"
[verifications.me]
host = "https://api.vendor.example"
source = "https://vendor.example/docs"
method = "POST"
path = "/v1/token/rotate"
answers = [
  { state = "live", statuses = [200], body = { "/id" = "*" }, reason = "hello" },
  { state = "dead", statuses = [401], reason = "no" },
]
"""
    with pytest.raises(ConfigError, match="speaks of a change: rotate"):
        parse_kinds(text, "vendor.toml")
    with pytest.raises(ConfigError, match="is not a read"):
        parse_kinds(text.replace("/v1/token/rotate", "/v1/me"), "vendor.toml")
    (kind,) = parse_kinds(
        text.replace("/v1/token/rotate", "/v1/me").replace('"POST"', '"GET"'), "vendor.toml"
    )
    assert kind.verification is not None
