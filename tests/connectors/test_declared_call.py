from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from connectors.declared_call import bases, call
from connectors.http import Call
from correlate.kind import Kind, Verification
from correlate.model import KindId
from correlate.secret import Secret

RULE = Verification("http", "https://api.vendor.example", "https://vendor.example/docs", path="/me")
KIND = Kind(KindId("tok"), "vendor", "Token", "(tok)", ("tok",), "https://x.example", "")
PAIR = replace(KIND, partner="(sec)", partner_within=9)
BASE = "https://api.vendor.example"
LONE, BOTH = Secret("to/k:en"), Secret("id-1:s3cr3t")


def made(kind: Kind, secret: Secret, auth: str, path: str = "/me", body: str = "") -> Call:
    rule = replace(RULE, auth=auth, path=path, body=body)
    return call(kind, rule, BASE, secret)


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "secret", "auth", "headers"),
    [
        (KIND, LONE, "bearer", {"Authorization": "Bearer to/k:en"}),
        (KIND, LONE, "header:X-Key", {"X-Key": "to/k:en"}),
        (KIND, LONE, "header:Authorization:Token token=", {"Authorization": "Token token=to/k:en"}),
        (KIND, LONE, "basic-password", {"Authorization": basic(":to/k:en")}),
        (KIND, LONE, "basic:{secret}:", {"Authorization": basic("to/k:en:")}),
        (KIND, LONE, "basic:api:{secret}", {"Authorization": basic("api:to/k:en")}),
        (PAIR, BOTH, "basic-password", {"Authorization": basic("id-1:s3cr3t")}),
        (PAIR, BOTH, "basic:{id}:{secret}", {"Authorization": basic("id-1:s3cr3t")}),
        (PAIR, BOTH, "headers:X-Id:X-Secret", {"X-Id": "id-1", "X-Secret": "s3cr3t"}),
        (PAIR, BOTH, "header:X-Auth-Token:{secret}", {"X-Auth-Token": "s3cr3t"}),
        (PAIR, Secret("id:{secret}"), "basic:{id}:{secret}", {"Authorization": basic("id:{secret}")}),
    ],
)  # fmt: skip
def test_the_secret_stands_in_the_headers_that_the_kind_names(
    kind: Kind, secret: Secret, auth: str, headers: dict[str, str]
) -> None:
    asked = made(kind, secret, auth)
    assert {name: value.reveal() for name, value in asked.secrets.items()} == headers
    assert asked.url == BASE + "/me"


@pytest.mark.parametrize(
    ("kind", "secret", "auth", "path", "url"),
    [
        (KIND, LONE, "query:key", "/me", "/me?key=to%2Fk%3Aen"),
        (KIND, LONE, "query:key", "/me?x=1", "/me?x=1&key=to%2Fk%3Aen"),
        (KIND, Secret("1:AA-b"), "path", "/bot{secret}/getMe", "/bot1:AA-b/getMe"),
        (KIND, Secret("../../x?y#z"), "path", "/bot{secret}/me", "/bot..%2F..%2Fx%3Fy%23z/me"),
        (PAIR, BOTH, "header:X:{secret}", "/keys/{id}", "/keys/id-1"),
        (KIND, Secret("https://evil.example/hooks/1/ab"), "url", "/hooks/", "/hooks/1/ab"),
        (KIND, Secret("https://evil.example/hooks/1?x=/y#z"), "url", "/hooks/", "/hooks/1"),
        (KIND, Secret("https://vendor.example/other/1/ab"), "url", "/hooks/", "/hooks/"),
    ],
)
def test_what_of_the_secret_stands_in_the_address_goes_to_the_pinned_host_unseen(
    kind: Kind, secret: Secret, auth: str, path: str, url: str
) -> None:
    asked = made(kind, secret, auth, path)
    assert asked.url == BASE + url
    assert repr(asked).startswith("Call(method='GET', headers={}, secrets={")
    assert url not in repr(asked)


def test_a_form_holds_the_secret_encoded() -> None:
    asked = made(KIND, Secret("a&b=c"), "form", body="token={secret}")
    assert (asked.body, asked.secrets) == (b"token=a%26b%3Dc", {})
    assert "a%26b" not in repr(asked)


REGIONS = replace(RULE, host="https://{region}.vendor.example", regions=("us1", "eu1"))


@pytest.mark.parametrize(
    ("rule", "secret", "hosts", "expected"),
    [
        (RULE, "t", {}, [BASE]),
        (RULE, "t", {"other": "https://o.example"}, [BASE]),
        (RULE, "t", {"vendor": "https://v.acme.example/"}, ["https://v.acme.example"]),
        (RULE, "t", {"vendor": "https://a.example https://b.example/x/"},
         ["https://a.example", "https://b.example/x"]),
        (replace(RULE, service="cloud"), "t", {"vendor": "https://v.example"}, [BASE]),
        (replace(RULE, service="cloud"), "t", {"cloud": "https://c.example"}, ["https://c.example"]),
        (replace(RULE, host="", self_hosted=True), "t", {}, []),
        (REGIONS, "t", {}, ["https://us1.vendor.example", "https://eu1.vendor.example"]),
        (replace(REGIONS, region_at="-([a-z0-9]+)$"), "t-eu1", {}, ["https://eu1.vendor.example"]),
        (replace(REGIONS, region_at="-([a-z0-9.]+)$"), "t-evil.example", {}, []),
        (replace(REGIONS, region_at="-([a-z0-9]+)$"), "t", {}, []),
    ],
)  # fmt: skip
def test_a_leak_names_no_host(
    rule: Verification, secret: str, hosts: dict[str, str], expected: list[str]
) -> None:
    assert bases(KIND, rule, Secret(secret), hosts) == expected
