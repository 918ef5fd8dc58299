from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.issuer_redis import Settings, _meaning, _Said, connect
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.secret import Secret
from tests.connectors.login_contract import (
    NOW,
    PASSWORD,
    QUOTED,
    SERVER,
    Bench,
    LoginContract,
    Rules,
    kind_of,
    maker,
    outbound_of,
)
from tests.connectors.outbound import Ask, At
from tests.connectors.wire import listening
from tests.services import Redis, redis

KIND = kind_of("redis_login")
make = maker(Settings, connect, KIND)
USERS = (
    f"user default on >{PASSWORD}Z ~* +@all",
    f"user jane on >{PASSWORD} ~* +@read +auth",
    f"user tiny on >{PASSWORD} -@all +auth",
    f"user whole on >{PASSWORD} ~* +@all",
    f"user away off >{PASSWORD} ~* +@all",
    "user free on nopass ~* +@all",
)


class TestRedisContract(LoginContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(make, "redis")


def asked(port: int, login: str, *, scheme: str = "redis", **more: Any) -> Liveness:
    server = f"{SERVER}:{port}"
    rules = Rules((server,), () if more else (server,), (SERVER,))
    one = make(rules, lambda *_: ("127.0.0.1",), **more)
    return one.verify(KindId("login"), Secret(f"{scheme}://{login}@{server}/0"), NOW)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    with redis(tmp_path_factory.mktemp("redis"), *USERS) as running:
        yield running


@pytest.mark.service
@pytest.mark.parametrize(
    ("login", "state", "user"),
    [
        (f"whole:{QUOTED}", LivenessState.LIVE, "whole"),
        (f"jane:{QUOTED}", LivenessState.LIVE_LIMITED, "jane"),
        (f"tiny:{QUOTED}", LivenessState.LIVE_LIMITED, "tiny"),
        (f":{QUOTED}Z", LivenessState.LIVE, "default"),
        (f"default:{QUOTED}Z", LivenessState.LIVE, "default"),
        ("jane:other", LivenessState.DEAD, ""),
        (f"nobody:{QUOTED}", LivenessState.DEAD, ""),
        (f":{QUOTED}", LivenessState.DEAD, ""),
        (f"away:{QUOTED}", LivenessState.DEAD, ""),
        ("free:anything", LivenessState.UNKNOWN, ""),
    ],
)
def test_a_real_server_decides(server: Redis, login: str, state: LivenessState, user: str) -> None:
    found = asked(server.plain_port, login)
    assert found.state is state
    assert found.identities == ((Identity("login", user),) if user else ())
    for word in (PASSWORD, QUOTED):
        assert word not in repr(found)


@pytest.mark.service
def test_a_name_that_old_clients_ignored_is_no_death_of_the_password(server: Redis) -> None:
    found = asked(server.plain_port, f"heroku:{QUOTED}Z")
    assert (found.state, found.identities) == (LivenessState.LIVE, (Identity("login", "default"),))


@pytest.mark.service
def test_a_server_without_any_password_proves_nothing(tmp_path: Path) -> None:
    with redis(tmp_path) as running:
        for login in (f":{QUOTED}", f"default:{QUOTED}"):
            assert asked(running.plain_port, login).state is LivenessState.UNKNOWN
        # there, a name that is no user's is refused, and the password opens nothing alone either
        assert asked(running.plain_port, f"jane:{QUOTED}").state is LivenessState.DEAD


@pytest.mark.service
def test_tls_is_verified(server: Redis) -> None:
    for name, state in [("localhost", LivenessState.LIVE), (SERVER, LivenessState.UNKNOWN)]:
        at = f"{name}:{server.tls_port}"
        one = make(Rules((at,), (), (name,)), lambda *_: ("127.0.0.1",), ca_file=server.ca_file)
        found = one.verify(KindId("login"), Secret(f"rediss://whole:{QUOTED}@{at}/0"), NOW)
        assert found.state is state


@pytest.mark.service
def test_nothing_is_changed_and_little_is_asked(server: Redis) -> None:
    before = server.commands()
    asked(server.plain_port, f"whole:{QUOTED}")
    counted = {name: n - before.get(name, 0) for name, n in server.commands().items()}
    watchers = {"info", "quit"}
    used = {name for name, n in counted.items() if n} - watchers
    assert used == {"auth", "acl|whoami"}


@contextlib.contextmanager
def saying(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives these answers to one connection's commands, in order."""
    told: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        for answer in answers:
            told.append(sock.recv(4096))
            sock.sendall(answer)
        sock.recv(4096)

    with listening(talk) as port:
        yield port, told


WRONG = b"-WRONGPASS invalid username-password pair or user is disabled.\r\n"
NO_USERS = b"-ERR wrong number of arguments for 'auth' command\r\n"
OLD_WRONG = b"-ERR invalid password\r\n"


@pytest.mark.parametrize(
    ("login", "answers", "state"),
    [
        (":p", [b"-LOADING Redis is loading the dataset in memory\r\n"], LivenessState.UNKNOWN),
        (":p", [b"-MISCONF Redis is configured to save RDB snapshots\r\n"], LivenessState.UNKNOWN),
        (":p", [b"-ERR max number of clients reached\r\n"], LivenessState.UNKNOWN),
        (":p", [b"-DENIED Redis is running in protected mode\r\n"], LivenessState.UNKNOWN),
        (":p", [b"-NOAUTH Authentication required.\r\n"], LivenessState.UNKNOWN),
        (":p", [b"-ERR Client sent AUTH, but no password is set\r\n"], LivenessState.UNKNOWN),
        (":p", [b"HTTP/1.1 400 Bad Request\r\n\r\n"], LivenessState.UNKNOWN),
        (":p", [b"+OK\r\n"], LivenessState.UNKNOWN),
        (":p", [b"\xff" * 5000], LivenessState.UNKNOWN),
        (":p", [b"$99999999999\r\n"], LivenessState.UNKNOWN),
        (":p", [WRONG, b"-LOADING\r\n"], LivenessState.UNKNOWN),
        (":p", [WRONG, b"+OK\r\n", b"$-1\r\n"], LivenessState.UNKNOWN),
        (":p", [WRONG, b"+OK\r\n", b"-ERR unknown command `ACL`\r\n"], LivenessState.LIVE),
        (":p", [OLD_WRONG, OLD_WRONG], LivenessState.DEAD),
        ("h:p", [NO_USERS, OLD_WRONG, OLD_WRONG], LivenessState.DEAD),
        ("h:p", [NO_USERS, OLD_WRONG, b"+OK\r\n", b"-ERR unknown command\r\n"], LivenessState.LIVE),
        ("h:p", [WRONG, WRONG, b"-LOADING\r\n"], LivenessState.UNKNOWN),
        ("h:p", [NO_USERS, b"-ERR Client sent AUTH, but no password is set\r\n"], LivenessState.UNKNOWN),
    ],
)  # fmt: skip
def test_each_answer_means_what_it_says(
    login: str, answers: list[bytes], state: LivenessState
) -> None:
    with saying(*answers) as (port, told):
        found = asked(port, login)
    assert found.state is state
    assert len(told) == len(answers)


def test_the_found_password_is_not_shown_to_a_server_that_takes_a_made_up_one() -> None:
    with saying(b"+OK\r\n") as (port, told):
        asked(port, f"jane:{QUOTED}")
    assert PASSWORD.encode() not in b"".join(told)


@given(st.text(max_size=200))
def test_no_text_but_the_servers_refusal_is_a_death(text: str) -> None:
    assert _meaning(text) is _Said.UNCLEAR
    assert _meaning(f"-ERR {text}") is not _Said.TAKEN


def outbound(at: At) -> Ask:
    return outbound_of(Settings, connect, KIND, "redis", at)
