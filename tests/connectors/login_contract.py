"""What every issuer that tries logins must do, whatever its servers speak."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import Resolve
from correlate.kind import Kind, Verification
from correlate.model import KindId, LivenessState
from correlate.ports import Issuer, Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import listening

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
PASSWORD = "pa@ss/" + "w0rd" * 3
QUOTED = PASSWORD.replace("@", "%40").replace("/", "%2F")
SERVER = "db.example"
INSIDE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "fe80::1", "fd00::1", "fd00:ec2::254", "0.0.0.0",  # noqa: S104
    "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1", "no address",
]  # fmt: skip
NEVER = ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0"]  # noqa: S104


def kind_of(via: str) -> Kind:
    rule = Verification(via, "configured", "https://x.example")
    return Kind(KindId("login"), "database", "URL", "(p)", ("p",), "https://x.example", "", verification=rule)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What the configuration of the issuer under test says."""

    hosts: tuple[str, ...]
    plain_hosts: tuple[str, ...] = ()
    internal_hosts: tuple[str, ...] = ()
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Bench:
    """An issuer to be made, how its texts spell a login, and the least deadline it can keep."""

    make: Callable[[Rules, Resolve], Issuer]
    scheme: str
    least_s: float = 0.0

    def text(self, server: str) -> Secret:
        return Secret(f"{self.scheme}://jane:{QUOTED}@{server}/app")

    def at(self, port: int, *addresses: str, inside: bool = True, timeout_s: float = 5.0) -> Issuer:
        """The issuer with one server listed, whose name leads to `addresses`."""
        server = (f"{SERVER}:{port}",)
        rules = Rules(server, server, (SERVER,) if inside else (), timeout_s)
        return self.make(rules, lambda *_: addresses or ("127.0.0.1",))


def maker(
    settings: Callable[..., Any], connect: Callable[..., Issuer], kind: Kind
) -> Callable[..., Issuer]:
    """Return what makes the issuer of a Bench, with settings of its own where some are given."""

    def make(rules: Rules, resolve: Resolve, **more: Any) -> Issuer:
        told = settings(
            rules.hosts, rules.plain_hosts, rules.internal_hosts, timeout_s=rules.timeout_s, **more
        )
        return connect(told, Setup("logins", Path("/nonexistent"), (kind,)), resolve)

    return make


def outbound_of(
    settings: Callable[..., Any], connect: Callable[..., Issuer], kind: Kind, scheme: str, at: At
) -> Ask:
    """The question that `outbound` makes of every connector: one login at `at`."""
    server = (f"{at.host}:{at.port}",)
    rules = settings(server, server, at.internal, timeout_s=at.timeout_s)
    one = connect(rules, Setup("logins", Path("/nonexistent"), (kind,)))
    text = f"{scheme}://jane:{QUOTED}@{at.base.partition('://')[2]}/app"
    return asks.issuer(one, kind.id, Secret(text))


@dataclass
class Trap:
    """A listener that sends a byte every tick, for ever, and keeps what it is told."""

    port: int
    calls: int = 0
    sent: int = 0
    told: bytearray = field(default_factory=bytearray)


TICK = 0.1


@contextlib.contextmanager
def trap() -> Iterator[Trap]:
    found, ended = Trap(0), threading.Event()

    def drip(sock: socket.socket) -> None:
        found.calls += 1
        sock.settimeout(0.0)
        while not ended.wait(TICK):
            with contextlib.suppress(BlockingIOError):
                found.told += sock.recv(4096)
            sock.send(b"R")
            found.sent += 1

    with listening(drip) as found.port:
        try:
            yield found
        finally:
            ended.set()


class LoginContract:
    """Subclasses give the fixture `bench`."""

    @pytest.fixture
    def trapped(self) -> Iterator[Trap]:
        with trap() as found:
            yield found

    def test_a_server_that_never_ends_its_answer_is_left(self, bench: Bench, trapped: Trap) -> None:
        deadline = max(0.5, bench.least_s)
        found = bench.at(trapped.port, timeout_s=deadline).verify(
            KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW
        )
        assert (found.state, trapped.calls) == (LivenessState.UNKNOWN, 1)
        assert trapped.sent <= (deadline + 1) / TICK

    @pytest.mark.parametrize("address", INSIDE)
    def test_an_address_inside_is_not_connected_to(
        self, bench: Bench, trapped: Trap, address: str
    ) -> None:
        one = bench.at(trapped.port, address, inside=False)
        found = one.verify(KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW)
        assert (found.state, trapped.calls) == (LivenessState.UNKNOWN, 0)
        assert "not public" in found.reason

    @pytest.mark.parametrize("address", NEVER)
    def test_some_addresses_are_never_connected_to(
        self, bench: Bench, trapped: Trap, address: str
    ) -> None:
        one = bench.at(trapped.port, address)
        found = one.verify(KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW)
        assert (found.state, trapped.calls) == (LivenessState.UNKNOWN, 0)
        assert "not public" in found.reason

    def test_a_name_that_answers_otherwise_later_leads_nowhere_else(
        self, bench: Bench, trapped: Trap
    ) -> None:
        asked: list[str] = []

        def rebinding(host: str, _: int) -> tuple[str, ...]:
            asked.append(host)
            return ("127.0.0.1",) if len(asked) == 1 else ("127.0.0.2",)

        server = f"{SERVER}:{trapped.port}"
        one = bench.make(Rules((server,), (server,), (SERVER,), 0.5), rebinding)
        one.verify(KindId("login"), bench.text(server), NOW)
        assert (asked, trapped.calls) == ([SERVER], 1)

    def test_a_name_that_leads_inside_only_at_the_first_look_is_refused(
        self, bench: Bench, trapped: Trap
    ) -> None:
        answers = iter([("127.0.0.1",), ("192.0.2.1",)])
        server = f"{SERVER}:{trapped.port}"
        one = bench.make(Rules((server,), (server,)), lambda *_: next(answers))
        found = one.verify(KindId("login"), bench.text(server), NOW)
        assert (found.state, trapped.calls) == (LivenessState.UNKNOWN, 0)

    def test_a_resolver_that_never_answers_is_left(self, bench: Bench, trapped: Trap) -> None:
        ended = threading.Event()

        def silent(*_: object) -> tuple[str, ...]:
            ended.wait(60)
            return ("127.0.0.1",)

        server = f"{SERVER}:{trapped.port}"
        one = bench.make(Rules((server,), (server,), (SERVER,), 0.2), silent)
        found = one.verify(KindId("login"), bench.text(server), NOW)
        ended.set()
        assert (found.state, trapped.calls) == (LivenessState.UNKNOWN, 0)

    def test_a_server_that_is_not_listed_is_skipped(self, bench: Bench, trapped: Trap) -> None:
        for rules in (Rules(()), Rules((f"{SERVER}:1",), internal_hosts=(SERVER,))):
            one = bench.make(rules, lambda *_: ("127.0.0.1",))
            found = one.verify(KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW)
            assert (found.state, trapped.calls) == (LivenessState.SKIPPED, 0)

    def test_no_login_goes_to_a_server_without_tls_that_is_not_listed_as_plain(
        self, bench: Bench, trapped: Trap
    ) -> None:
        server = f"{SERVER}:{trapped.port}"
        one = bench.make(Rules((server,), (), (SERVER,), 0.5), lambda *_: ("127.0.0.1",))
        found = one.verify(KindId("login"), bench.text(server), NOW)
        assert found.state is LivenessState.UNKNOWN
        assert b"jane" not in trapped.told

    def test_a_login_is_tried_once_a_run(self, bench: Bench, trapped: Trap) -> None:
        one = bench.at(trapped.port, timeout_s=0.3)
        for _ in range(3):
            one.verify(KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW)
        assert trapped.calls == 1

    def test_no_message_holds_the_password(
        self, bench: Bench, trapped: Trap, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            found = bench.at(trapped.port, timeout_s=0.3).verify(
                KindId("login"), bench.text(f"{SERVER}:{trapped.port}"), NOW
            )
        for word in (PASSWORD, QUOTED):
            assert word not in repr(found)
            assert word not in caplog.text

    def test_nonsense_never_raises_and_is_never_decided(self, bench: Bench) -> None:
        one = bench.at(1)

        @given(st.text(max_size=80) | st.text(max_size=60).map(f"{bench.scheme}://".__add__))
        def nonsense(text: str) -> None:
            found = one.verify(KindId("login"), Secret(text), NOW)
            assert found.state in (LivenessState.UNKNOWN, LivenessState.SKIPPED)

        nonsense()

    def test_a_text_that_names_no_one_login_is_unknown(self, bench: Bench) -> None:
        one, scheme = bench.at(1), bench.scheme
        for text in (f"{scheme}://jane@{SERVER}:1", f"{scheme}://jane:@{SERVER}:1", f"{scheme}://jane:a%00b@{SERVER}:1", f"{scheme}://jane:%ff@{SERVER}:1", f"{scheme}://jane:p@{SERVER}:0", f"{scheme}://jane:p@{SERVER}:65536"):  # fmt: skip
            found = one.verify(KindId("login"), Secret(text), NOW)
            assert (found.state, "login" in found.reason or "server" in found.reason) == (LivenessState.UNKNOWN, True)  # fmt: skip

    def test_an_unknown_kind_is_not_verifiable(self, bench: Bench) -> None:
        found = bench.at(1).verify(KindId("?"), bench.text(f"{SERVER}:1"), NOW)
        assert found.state is LivenessState.NOT_VERIFIABLE
