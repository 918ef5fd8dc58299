"""The door over real sockets: who gets in, and who does not keep others out."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from jobs.web import okta_hook, security_event, standard_webhook
from jobs.web.app import BODY_MAX, application
from jobs.web.delivery import Transmitter
from jobs.web.server import listening, serving
from tests.jobs.web.signing import AUDIENCE, ISSUER, TYPE, claims, jwks, new_key, token, webhook

KEY, HOOK = new_key(), new_key()
BODY = b'{"type": "employee.left", "data": {"name": "Jane Doe"}}'
LIFE_S = 1.0


class Street:
    """The door, and whoever knocks at it."""

    def __init__(self, port: int, rung: list[tuple[str, tuple[str, ...]]]) -> None:
        self.port, self.rung = port, rung

    def knock(
        self, name: str, headers: dict[str, str], body: bytes, method: str = "POST"
    ) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(line):
            line.request(method, f"/push/{name}", body, headers)
            reply = line.getresponse()
            return reply.status, reply.read()

    def raw(self, sent: bytes) -> bytes:
        """Send, then read until the other side hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as line:
            line.sendall(sent)
            parts = []
            try:
                while part := line.recv(4096):
                    parts.append(part)
            except ConnectionResetError:
                pass
            return b"".join(parts)


@pytest.fixture(autouse=True)
def no_stream() -> Iterator[None]:
    """Keep lines from the stream that a command of another test set, which is closed by now."""
    with structlog.testing.capture_logs():
        yield


@pytest.fixture(scope="module")
def open_street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    path = jwks(tmp_path_factory.mktemp("keys") / "jwks.json", "ec-1")
    senders: list[Transmitter] = [
        standard_webhook.connect("hr", standard_webhook.Settings(KEY), "push[1]"),
        security_event.connect("idp", security_event.Settings(path, ISSUER, AUDIENCE), "push[2]"),
        okta_hook.connect("okta", okta_hook.Settings(HOOK), "push[3]"),
    ]
    rung: list[tuple[str, tuple[str, ...]]] = []
    bound = listening("0")
    app = application(senders, lambda name, events: rung.append((name, events)))
    with serving(app, bound, LIFE_S):
        yield Street(bound.getsockname()[1], rung)


@pytest.fixture
def street(open_street: Street) -> Street:
    open_street.rung.clear()
    return open_street


def now() -> datetime:
    return datetime.now(UTC)


def fresh(number: str) -> bytes:
    return token(claims(jti=number, iat=int(now().timestamp())))


def test_a_webhook_rings_once_however_often_it_is_sent(street: Street) -> None:
    headers = webhook(KEY, BODY, "msg_once", now())
    for _ in range(3):
        assert street.knock("hr", headers, BODY) == (200, b"")
    assert street.rung == [("hr", ("employee.left",))]


def test_a_security_event_rings_once_and_a_copy_is_acknowledged_as_the_rfc_asks(
    street: Street,
) -> None:
    body = fresh("once")
    for _ in range(3):
        assert street.knock("idp", {"Content-Type": TYPE}, body) == (202, b"")
    assert street.rung == [("idp", ("account-disabled",))]


@pytest.mark.parametrize(
    ("name", "headers", "body", "status", "code"),
    [
        ("hr", webhook(new_key(), BODY), BODY, 401, "unsigned"),
        ("hr", webhook(KEY, BODY, at=now() - timedelta(minutes=6)), BODY, 401, "stale"),
        ("hr", {}, BODY, 400, "malformed"),
        ("idp", {"Content-Type": TYPE}, token(claims(iat=1)), 400, "invalid_request"),
        ("idp", {"Content-Type": TYPE}, token(claims(aud="x")), 400, "invalid_audience"),
        ("idp", {"Content-Type": TYPE}, token(claims(iss="x")), 400, "invalid_issuer"),
        ("idp", {"Content-Type": TYPE}, token(claims(), "ec-2"), 400, "invalid_key"),
        ("okta", {"Authorization": "x"}, b"{}", 401, "unsigned"),
        ("nobody", {}, b"{}", 404, "unknown"),
    ],
)
def test_what_is_refused_is_told_why_and_rings_nothing(
    street: Street, name: str, headers: dict[str, str], body: bytes, status: int, code: str
) -> None:
    got, said = street.knock(name, headers, body)
    assert (got, json.loads(said)["err"]) == (status, code)
    assert json.loads(said)["description"]
    assert street.rung == []


def test_okta_is_told_that_we_are_here_and_others_nothing(street: Street) -> None:
    asked = {"x-okta-verification-challenge": "abc"}
    status, said = street.knock("okta", asked, b"", "GET")
    assert (status, json.loads(said)) == (200, {"verification": "abc"})
    assert street.knock("okta", {}, b"", "GET")[0] == 405
    assert street.knock("hr", asked, b"", "GET")[0] == 405
    assert street.knock("hr", {}, b"", "DELETE")[0] == 405


def test_a_body_above_the_limit_is_not_read_to_its_end(street: Street) -> None:
    body = b"x" * (BODY_MAX + 1)
    head = b"POST /push/hr HTTP/1.1\r\nHost: x\r\n"
    told = street.raw(head + b"Content-Length: %d\r\n\r\n" % len(body))
    assert told.startswith(b"HTTP/1.1 413")
    parts = b"".join(b"%x\r\n%b\r\n" % (65_536, b"x" * 65_536) for _ in range(5))
    told = street.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + parts)
    assert told.startswith((b"HTTP/1.1 413", b""))
    assert b"200" not in told[:15]
    exact = b"x" * BODY_MAX
    assert street.knock("hr", webhook(KEY, exact, "msg_exact", now()), exact)[0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /push/hr HTT",
        b"POST /push/hr HTTP/1.1\r\nHost: x\r\nX-A: ",
        b"POST /push/hr HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
        b"POST /push/hr HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
)
def test_who_stops_in_the_middle_is_hung_up_on(street: Street, sent: bytes) -> None:
    assert b"200" not in street.raw(sent)
    assert street.rung == []


def test_who_drips_is_hung_up_on_and_keeps_nobody_out(street: Street) -> None:
    head = b"POST /push/hr HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", street.port), timeout=0.1) as line:
        line.sendall(head)
        drops, ended = 0, False
        headers = webhook(KEY, BODY, "msg_beside", now())
        assert street.knock("hr", headers, BODY)[0] == 200
        while not ended and drops < 300:
            try:
                line.sendall(b"x")
                drops += 1
                ended = line.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
    assert ended
    assert drops * 0.1 < LIFE_S + 4


def test_many_silent_lines_do_not_stop_an_event_once_they_are_over(street: Street) -> None:
    with ExitStack() as stack:
        lines = [
            stack.enter_context(socket.create_connection(("127.0.0.1", street.port), timeout=10))
            for _ in range(80)
        ]
        for line in lines:
            with closing(line), suppress(ConnectionResetError):
                assert line.recv(1) == b""
    assert street.knock("hr", webhook(KEY, BODY, "msg_after", now()), BODY)[0] == 200


def test_no_header_and_no_name_gets_into_the_log(
    street: Street, capfd: pytest.CaptureFixture[str]
) -> None:
    with structlog.testing.capture_logs() as logs:
        street.knock("hr", webhook(KEY, BODY, "msg_log", now()), BODY)
        street.knock("hr", webhook(new_key(), BODY, "jane-doe"), BODY)
        street.knock("jane-doe", {"X-Jane": "Jane Doe"}, BODY)
        street.raw(b"Jane Doe is no request\r\n\r\n")
    said = "".join(capfd.readouterr()) + repr(logs)
    assert "jane" not in said.lower()
