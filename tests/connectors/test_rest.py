from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.http import Http, Policy
from connectors.rest import Rest, segment
from correlate.errors import AuthError, OffkeyError, Refused, SourceError, Unavailable
from correlate.secret import Secret
from tests.connectors.wire import Asked, Told, answering

MARK = "sec" + "ret-mark"


def rest(base: str, **changes: object) -> Rest:
    http = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=2.0), sleep=lambda _: None)
    return Rest(http, base, "sys", secrets={"X-Token": Secret(MARK)}, **changes)  # type: ignore[arg-type]


def ask(told: Told, **changes: object) -> OffkeyError:
    with answering(lambda _: told) as base, pytest.raises(OffkeyError) as caught:
        rest(base, **changes).get("/x", [("q", MARK)])
    assert MARK not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Told(401), AuthError),
        (Told(403), AuthError),
        (Told(404), Refused),
        (Told(400, b'{"errors": {"summary": "no"}}'), Refused),
        (Told(302, headers={"Location": "https://evil.example"}), Refused),
        (Told(500), Unavailable),
        (Told(200, b"<html>", "text/html"), Unavailable),
        (Told(200, b'{"a": '), Unavailable),
        (Told(200, b"\xff\xfe{}"), Unavailable),
    ],
)
def test_a_status_becomes_the_error_its_catcher_needs(told: Told, error: type[OffkeyError]) -> None:
    assert type(ask(told)) is error


def test_a_403_may_be_about_one_request() -> None:
    assert type(ask(Told(403), forbidden_means_login=False)) is Refused


def test_the_names_of_fields_are_told_and_their_texts_are_not() -> None:
    why = ask(Told(400, b'{"errors": {"summary": "Jane is wrong", "labels": 1}}')).why
    assert why == "status 400, fields: labels, summary"


@pytest.mark.parametrize(
    ("told", "pause"),
    [
        (Told(429, headers={"Retry-After": "900"}), 900.0),
        (Told(429), 60.0),
        (Told(403, headers={"X-RateLimit-Remaining": "0"}), 60.0),
        (Told(403, headers={"Retry-After": "120"}), 120.0),
    ],
)
def test_throttling_tells_how_long(told: Told, pause: float) -> None:
    error = ask(told)
    assert isinstance(error, Unavailable)
    assert error.retry_after == pause


def test_a_status_that_was_asked_for_is_an_answer() -> None:
    with answering(lambda _: Told(404, b"<html>", "text/html")) as base:
        answer = rest(base).get("/x", also=frozenset({404}))
    assert (answer.status, answer.value) == (404, None)


def test_an_empty_body_is_no_json_and_no_error() -> None:
    with answering(lambda _: Told(204, b"", "")) as base:
        assert rest(base).send("PUT", "/x", {}).value is None


def _paged(next_of: Callable[[str], dict[str, str]]) -> Callable[[Asked], Told]:
    return lambda asked: Told(body=b'[{"a": 1}]', headers=next_of(asked.query.get("page", "1")))


def test_pages_are_followed_by_link_or_by_number() -> None:
    with answering(_paged(lambda page: {"X-Next-Page": "2" if page == "1" else ""})) as base:
        assert len(rest(base).listed("/x", [("per_page", "1")])) == 2
    seen: list[Asked] = []

    def linked(asked: Asked) -> Told:
        seen.append(asked)
        link = f'<http://{asked.headers["host"]}/y?page=2>; rel="next", </z>; rel="last"'
        return Told(body=b'[{"a": 1}]', headers={"Link": link} if asked.path == "/x" else {})

    with answering(linked) as base:
        assert len(rest(base).listed("/x")) == 2
    assert [asked.path for asked in seen] == ["/x", "/y"]
    assert all(asked.headers["x-token"] == MARK for asked in seen)


@pytest.mark.parametrize(
    "headers",
    [
        {"Link": '<http://evil.example/x>; rel="next"'},
        {"Link": '<https://127.0.0.1/x>; rel="next"'},
        {"Link": '<//evil.example/x>; rel="next"'},
        {"Link": '<file:///etc/passwd>; rel="next"'},
    ],
)
def test_a_page_elsewhere_is_not_fetched(headers: dict[str, str]) -> None:
    with (
        answering(lambda _: Told(body=b"[]", headers=headers)) as base,
        pytest.raises(SourceError, match="another host"),
    ):
        rest(base).listed("/x")


def test_pages_in_a_circle_end() -> None:
    def circle(asked: Asked) -> Told:
        link = f'<http://{asked.headers["host"]}/x>; rel="next"'
        return Told(body=b"[]", headers={"Link": link})

    with answering(circle) as base, pytest.raises(SourceError, match="circle"):
        rest(base).listed("/x")


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"null", b'"x"'])
def test_a_list_that_is_none_is_an_error(body: bytes) -> None:
    with answering(lambda _: Told(body=body)) as base, pytest.raises(SourceError):
        rest(base).listed("/x")


@pytest.mark.parametrize(
    ("name", "quoted"), [("a/b", "a%2Fb"), ("a?b#c", "a%3Fb%23c"), ("...", "..."), ("ü", "%C3%BC")]
)
def test_a_name_stays_one_segment(name: str, quoted: str) -> None:
    assert segment(name) == quoted


@pytest.mark.parametrize("name", [".", ".."])
def test_a_step_in_a_path_is_no_name(name: str) -> None:
    with pytest.raises(Refused):
        segment(name)
