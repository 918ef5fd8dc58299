from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from connectors.feed_pages import Listing
from connectors.http import Http, Policy
from connectors.rest import Rest
from correlate.errors import OffkeyError, SourceError
from tests.connectors.people_contract import page
from tests.connectors.wire import Answerer, Asked, Told, answering

SIZE = 10


@contextmanager
def serving(answer: Answerer) -> Iterator[Rest]:
    with answering(answer) as base:
        yield Rest(Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=5.0)), base, "hr")


def api(follow: str, count: int) -> Answerer:
    """A list that goes on in one way."""

    def answer(asked: Asked) -> Told:
        sent: Mapping[str, Any] = json.loads(asked.body) if asked.body else asked.query
        at = int(sent.get("at", 0))
        if follow == "page":
            at = (int(sent["at"]) - 1) * SIZE
        rows, more = [{"n": n} for n in range(count)][at : at + SIZE], at + SIZE < count
        body: dict[str, Any] = {"items": rows, "total": count}
        if follow == "cursor" and more:
            body["after"] = str(at + SIZE)
        if follow == "link" and more:
            body["@odata.nextLink"] = f"/list?at={at + SIZE}"
        headers = {"Link": f'</list?at={at + SIZE}>; rel="next"'} if follow == "header" else {}
        return replace(page(body), headers=headers if more else {})

    return answer


WAYS: Mapping[str, Listing] = {
    "cursor": Listing("/list", "items", follow="cursor", next="after", parameter="at"),
    "link": Listing("/list", "items", follow="link", next="@odata.nextLink"),
    "header": Listing("/list", "items", follow="link"),
    "offset": Listing("/list", "items", follow="offset", parameter="at"),
    "page": Listing("/list", "items", follow="page", parameter="at"),
}


@pytest.mark.parametrize("count", [0, 1, 10, 25, 30])
@pytest.mark.parametrize("way", sorted(WAYS))
def test_every_way_leads_to_the_end(way: str, count: int) -> None:
    with serving(api(way, count)) as rest:
        for listing in (WAYS[way], replace(WAYS[way], total="total")):
            found, first = listing.read(rest)
            assert [one["n"] for one in found] == list(range(count))
            assert isinstance(first, dict)


@pytest.mark.parametrize("way", ["cursor", "offset", "page"])
def test_a_list_may_be_asked_for_by_post(way: str) -> None:
    listing = replace(WAYS[way], body={"fields": ["n"]}, size_parameter="size", size=SIZE)
    with serving(api(way, 25)) as rest:
        assert len(listing.read(rest)[0]) == 25


@pytest.mark.parametrize("way", ["offset", "page", "cursor"])
def test_pages_that_come_again_lead_in_a_circle(way: str) -> None:
    def answer(_: Asked) -> Told:
        return page({"items": [{"n": 1}], "after": "1"})

    with serving(answer) as rest, pytest.raises(SourceError, match="circle"):
        WAYS[way].read(rest)


@pytest.mark.parametrize(
    "body",
    [{}, {"items": None}, {"items": {"n": 1}}, {"items": [1]}, [], {"items": [{"n": 1}], "total": 2},
     {"items": [{"n": 1}]}, {"items": [{"n": 1}], "total": "many"}],
)  # fmt: skip
def test_what_is_no_whole_list_is_an_error(body: object) -> None:
    listing = Listing("/list", "items", total="total")
    with serving(lambda _: page(body)) as rest, pytest.raises(SourceError):
        listing.read(rest)


def test_an_answer_without_content_ends_a_list() -> None:
    told = [page({"items": [{"n": 1}]}), Told(204, b"")]
    with serving(lambda _: told.pop(0)) as rest:
        assert WAYS["offset"].read(rest)[0] == [{"n": 1}]


@pytest.mark.parametrize("target", ["https://other.example/list", "//other.example/list"])
def test_a_next_page_elsewhere_is_not_followed(target: str) -> None:
    told = page({"items": [{"n": 1}], "@odata.nextLink": target})
    with serving(lambda _: told) as rest, pytest.raises(OffkeyError, match="another host"):
        WAYS["link"].read(rest)
