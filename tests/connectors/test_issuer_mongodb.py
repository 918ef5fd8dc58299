from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure
from pymongo.server_api import ServerApi

from connectors.issuer_mongodb import Settings, connect
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
from tests.mongo import FAILED, Mongo, User, mongo
from tests.services import certificate

KIND = kind_of("mongodb_login")
make = maker(Settings, connect, KIND)
LIVE, DEAD, UNKNOWN = LivenessState.LIVE, LivenessState.DEAD, LivenessState.UNKNOWN
NOT_VERIFIABLE = LivenessState.NOT_VERIFIABLE


class TestMongoContract(LoginContract):
    @pytest.fixture
    def bench(self) -> Bench:
        return Bench(make, "mongodb")


def asked(
    port: int, login: str, rest: str = "/", *, decisive: bool = True, scheme: str = "mongodb", **more: Any
) -> Liveness:  # fmt: skip
    server = (f"{SERVER}:{port}",)
    one = make(
        Rules(server, server, (SERVER,)),
        lambda *_: ("127.0.0.1",),
        decisive_hosts=server if decisive else (),
        **more,
    )
    named = SERVER if scheme.endswith("+srv") else server[0]
    return one.verify(KindId("login"), Secret(f"{scheme}://{login}@{named}{rest}"), NOW)


def users() -> dict[str, User]:
    return {
        "admin.jane": User(PASSWORD),
        "admin.old": User(PASSWORD, ("SCRAM-SHA-1",)),
        "app.ann": User(PASSWORD, ("SCRAM-SHA-256",)),
        "admin.a,b=c": User(PASSWORD),
    }


@pytest.fixture
def server() -> Iterator[Mongo]:
    with mongo(Mongo(users())) as running:
        yield running


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256", None])
def test_the_vendors_driver_logs_in_at_the_server_of_these_tests(
    server: Mongo, mechanism: str | None
) -> None:
    more: dict[str, Any] = {"authMechanism": mechanism} if mechanism else {}
    for password, good in [(PASSWORD, True), ("other", False)]:
        with pymongo.MongoClient[dict[str, Any]](
            "127.0.0.1", server.port, username="jane", password=password, directConnection=True,
            serverSelectionTimeoutMS=5000, server_api=ServerApi("1"), **more,
        ) as client:  # fmt: skip
            if good:
                assert client.admin.command("ping")["ok"] == 1.0
            else:
                with pytest.raises(OperationFailure) as caught:
                    client.admin.command("ping")
                assert caught.value.code == 18


@pytest.mark.parametrize(
    ("login", "rest", "state", "user"),
    [
        (f"jane:{QUOTED}", "/", LIVE, "jane"),
        (f"jane:{QUOTED}", "", LIVE, "jane"),
        (f"jane:{QUOTED}", "/app?authSource=admin&w=1", LIVE, "jane"),
        (f"old:{QUOTED}", "/?authSource=admin", LIVE, "old"),
        (f"ann:{QUOTED}", "/app", LIVE, "ann"),
        (f"a%2Cb%3Dc:{QUOTED}", "/", LIVE, "a,b=c"),
        (f"jane:{QUOTED}", "/?authMechanism=SCRAM-SHA-1", LIVE, "jane"),
        ("jane:other", "/app?authSource=admin", DEAD, ""),
        ("jane:other", "/app?authsource=admin", DEAD, ""),
        (f"nobody:{QUOTED}", "/?authSource=admin", DEAD, ""),
        # whether it is of that database is not told
        ("jane:other", "/", UNKNOWN, ""),
        (f"jane:{QUOTED}", "/app", UNKNOWN, ""),
        (f":{QUOTED}", "/?authSource=admin", UNKNOWN, ""),
        ("jane:%C3%BC", "/?authSource=admin", UNKNOWN, ""),
        (f"ann:{QUOTED}", "/?authSource=app&authMechanism=SCRAM-SHA-1", UNKNOWN, ""),
        (f"jane:{QUOTED}", "/?authMechanism=PLAIN", NOT_VERIFIABLE, ""),
        (f"jane:{QUOTED}", "/?authMechanism=MONGODB-AWS", NOT_VERIFIABLE, ""),
        (f"jane:{QUOTED}", "/?authSource=$external", NOT_VERIFIABLE, ""),
        (f"jane:{QUOTED}", "/?authSource=%24external", NOT_VERIFIABLE, ""),
    ],
)
def test_a_server_decides(
    server: Mongo, login: str, rest: str, state: LivenessState, user: str
) -> None:
    found = asked(server.port, login, rest)
    assert found.state is state
    assert found.identities == ((Identity("login", user),) if user else ())
    for word in (PASSWORD, QUOTED):
        assert word not in repr(found)
        assert word.encode() not in server.raw


def test_a_refusal_is_no_death_where_users_may_be_bound_to_addresses(server: Mongo) -> None:
    found = asked(server.port, "jane:other", "/?authSource=admin", decisive=False)
    assert (found.state, "decisive_hosts" in found.reason) == (UNKNOWN, True)


def test_where_users_are_kept_is_configured_for_texts_that_do_not_tell(server: Mongo) -> None:
    for login, state in [(f"ann:{QUOTED}", LIVE), ("ann:other", DEAD)]:
        found = asked(server.port, login, "/else", auth_sources=("admin", "app"))
        assert found.state is state
    dbs = {words["$db"] for words in server.asked if "saslStart" in words}
    assert dbs == {"admin", "app"}


def test_where_mechanisms_are_not_told_all_are_tried() -> None:
    with mongo(Mongo(users(), tells_mechanisms=False)) as running:
        assert asked(running.port, f"old:{QUOTED}", "/?authSource=admin").state is LIVE
        tried = [words["mechanism"] for words in running.asked if "saslStart" in words]
    assert tried == ["SCRAM-SHA-256", "SCRAM-SHA-1"]


def test_only_reads_are_sent(server: Mongo) -> None:
    asked(server.port, f"jane:{QUOTED}")
    assert server.names() == ["hello", "saslStart", "saslContinue", "connectionStatus"]


def test_a_server_that_lets_everybody_in_proves_nothing() -> None:
    with mongo(Mongo(users(), lies=True)) as running:
        for login in (f"jane:{QUOTED}", "jane:other"):
            assert asked(running.port, login, "/?authSource=admin").state is UNKNOWN


HELLO = {"ok": 1.0, "isWritablePrimary": True, "saslSupportedMechs": ["SCRAM-SHA-256"]}


@pytest.mark.parametrize(
    ("name", "told", "state"),
    [
        ("hello", {"ok": 1.0, "arbiterOnly": True, "secondary": False}, UNKNOWN),
        ("hello", {"ok": 1.0, "isWritablePrimary": False, "secondary": False}, UNKNOWN),
        ("hello", {**HELLO, "ok": 0.0, "code": 59}, UNKNOWN),
        ("hello", {**HELLO, "saslSupportedMechs": ["PLAIN"]}, UNKNOWN),
        ("hello", {**HELLO, "isWritablePrimary": False, "secondary": True}, DEAD),
        ("saslStart", FAILED, DEAD),
        ("saslStart", {"ok": 0.0, "code": 334}, UNKNOWN),
        ("saslStart", {"ok": 0.0, "code": 13}, UNKNOWN),
        ("saslStart", {"ok": 0.0, "code": 8000, "errmsg": "bad auth"}, UNKNOWN),
        ("saslStart", {"ok": 0.0, "code": 11600}, UNKNOWN),
        ("saslStart", {"ok": 0.0, "code": "18"}, UNKNOWN),
        ("saslStart", {"ok": 0.0}, UNKNOWN),
        ("saslStart", {"ok": 1.0}, UNKNOWN),
        ("saslStart", {"ok": 1.0, "conversationId": 1, "payload": b"r=x,s=,i=1"}, UNKNOWN),
        ("saslContinue", {"ok": 0.0, "code": 18}, DEAD),
        ("saslContinue", {"ok": 0.0, "code": 91}, UNKNOWN),
        ("saslContinue", {"ok": 1.0, "done": True, "payload": b""}, UNKNOWN),
    ],
)
def test_each_answer_means_what_it_says(
    name: str, told: Mapping[str, Any], state: LivenessState
) -> None:
    with mongo(Mongo(users(), lambda words: told if name in words else None)) as running:
        assert asked(running.port, "jane:other", "/?authSource=admin").state is state


def test_a_login_that_is_not_told_who_it_is_is_live() -> None:
    told = {"ok": 0.0, "code": 13}
    with mongo(Mongo(users(), lambda words: told if "connectionStatus" in words else None)) as running:  # fmt: skip
        found = asked(running.port, f"jane:{QUOTED}")
    assert (found.state, found.identities) == (LIVE, (Identity("login", "jane"),))


def test_the_servers_of_one_text_share_their_users(server: Mongo) -> None:
    listed = (f"{SERVER}:{server.port}", "other.example:27017")
    one = make(Rules(listed, listed, (SERVER,)), lambda *_: ("127.0.0.1",))
    text = f"mongodb://jane:{QUOTED}@{listed[0]},other.example/"
    assert one.verify(KindId("login"), Secret(text), NOW).state is LIVE


def test_the_name_service_chooses_no_server(server: Mongo) -> None:
    found = asked(server.port, f"jane:{QUOTED}", scheme="mongodb+srv")
    assert (found.state, "srv" in found.reason) == (NOT_VERIFIABLE, True)
    assert server.asked == []
    srv = {SERVER: f"{SERVER}:{server.port}"}
    assert asked(server.port, f"jane:{QUOTED}", scheme="mongodb+srv", srv=srv).state is LIVE
    srv = {SERVER: "elsewhere.example:27017"}
    found = asked(server.port, f"jane:{QUOTED}", scheme="mongodb+srv", srv=srv)
    assert found.state is LivenessState.SKIPPED


def test_tls_is_verified(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    with mongo(Mongo(users()), made) as running:
        for name, state in [("localhost", LIVE), (SERVER, UNKNOWN)]:
            at = f"{name}:{running.port}"
            one = make(Rules((at,), (), (name,)), lambda *_: ("127.0.0.1",), ca_file=made[0])
            text = f"mongodb://jane:{QUOTED}@{at}/"
            assert one.verify(KindId("login"), Secret(text), NOW).state is state


def outbound(at: At) -> Ask:
    return outbound_of(Settings, connect, KIND, "mongodb", at)
