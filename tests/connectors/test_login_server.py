from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.address import Resolve
from connectors.login_server import Dialect, Door, LoginIssuer, handle
from connectors.login_text import LoginText
from correlate.model import KindId, Liveness, LivenessState
from correlate.ports import Issuer
from correlate.secret import Secret
from tests.connectors.login_contract import NOW, SERVER, Bench, LoginContract, Rules, kind_of


def ask(door: Door, login: LoginText, asked: Liveness) -> Liveness:
    """Speak as a server that echoes until a line ends."""
    with door.open() as sock:
        sock.sendall(f"{login.user}\n".encode())
        while not sock.recv(1).endswith(b"\n"):
            continue
    return replace(asked, state=LivenessState.LIVE, reason="it answered")


DIALECT = Dialect("stub", 7, "login", ask)


def make(rules: Rules, resolve: Resolve) -> Issuer:
    return LoginIssuer("stub", (kind_of("stub"), kind_of("other")), Wide(rules), DIALECT, resolve)


class Wide:
    """Rules, with what only the configuration of a real issuer has."""

    ca_file = None

    def __init__(self, rules: Rules) -> None:
        self.hosts, self.plain_hosts = rules.hosts, rules.plain_hosts
        self.internal_hosts, self.timeout_s = rules.internal_hosts, rules.timeout_s


class TestStub(LoginContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(make, "stub")


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a listener whose backlog takes connections, and which answers none."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def verify(rules: Rules, text: str, *addresses: str, dialect: Dialect = DIALECT) -> Liveness:
    one = LoginIssuer("stub", (kind_of("stub"),), Wide(rules), dialect, lambda *_: addresses)
    return one.verify(KindId("login"), Secret(text), NOW)


def test_the_next_address_is_taken_where_one_is_closed(echo: int) -> None:
    met: list[str] = []

    def meet(door: Door, _: LoginText, asked: Liveness) -> Liveness:
        with door.open() as sock:
            met.append(sock.getpeername()[0])
        return asked

    server = (f"{SERVER}:{echo}",)
    rules, dialect = Rules(server, server, (SERVER,)), replace(DIALECT, ask=meet)
    verify(rules, f"stub://j:p@{server[0]}", "127.0.0.3", "127.0.0.1", dialect=dialect)
    assert met == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("many", "listed", "state"),
    [
        (False, ("a:1", "b:2"), LivenessState.UNKNOWN),
        (True, ("a:1",), LivenessState.SKIPPED),
        (True, ("a:1", "b:2"), LivenessState.LIVE),
    ],
)
def test_servers_of_one_text_are_all_listed_and_share_their_logins(
    many: bool, listed: tuple[str, ...], state: LivenessState
) -> None:
    def first(door: Door, _: LoginText, asked: Liveness) -> Liveness:
        assert (door.host, door.port) == ("a", 1)
        return replace(asked, state=LivenessState.LIVE)

    dialect = replace(DIALECT, many=many, ask=first)
    rules = Rules(listed, (), ("a", "b"))
    assert verify(rules, "stub://j:p@a:1,b:2", "127.0.0.1", dialect=dialect).state is state


def test_what_a_parser_raises_is_not_handed_on() -> None:
    def broken(_: Door, login: LoginText, __: Liveness) -> Liveness:
        raise KeyError(login.password.reveal())

    rules, dialect = Rules(("a:7",), (), ("a",)), replace(DIALECT, ask=broken)
    found = verify(rules, "stub://j:marked@a", "127.0.0.1", dialect=dialect)
    assert found.state is LivenessState.UNKNOWN
    assert "marked" not in repr(found)


def test_a_name_of_any_length_is_cut() -> None:
    assert len(handle("n" * 5000)) <= 128
