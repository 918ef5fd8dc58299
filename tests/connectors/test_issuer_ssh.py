from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from connectors.issuer_ssh import Settings, SshIssuer, connect
from correlate.kind import Kind, Verification
from correlate.model import Identity, KindId, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors import outbound as asks
from tests.connectors.outbound import Ask, At
from tests.connectors.states_contract import Scene, StatesContract, always
from tests.connectors.wire import Asked, Told, answering, raw

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
RULE = Verification("ssh_inventory", "configured", "https://docs.github.com/en/rest/users/keys")
KIND = Kind(KindId("key"), "private_key", "Key", "(-)", ("-",), "https://x.example", "", verification=RULE)  # fmt: skip
MINE, OTHER = ed25519.Ed25519PrivateKey.generate(), ed25519.Ed25519PrivateKey.generate()


def pem(key: Any, form: PrivateFormat = PrivateFormat.OpenSSH, password: bytes = b"") -> Secret:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return Secret(key.private_bytes(Encoding.PEM, form, lock).decode())


def line(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))


def issuer(base: str = "http://127.0.0.1:1", **changes: Any) -> SshIssuer:
    settings: dict[str, Any] = {"github": base, "gitlab": base, "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0, "spacing_s": 0.0}  # fmt: skip
    return connect(Settings(**settings | changes), Setup("ssh", Path("/nonexistent"), (KIND,)))


def keys(*lines: bytes, status: int = 200, sort: str = "text/plain; charset=utf-8") -> Told:
    return Told(status, b"\n".join(lines) + b"\n", sort)


def test_a_listed_key_is_live_and_names_its_account() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return keys(line(OTHER), line(MINE)) if asked.path == "/jane.keys" else keys(line(OTHER))

    with answering(answer) as base:
        one = issuer(base, github_logins=("joe", "jane"), gitlab_logins=("jane",))
        found = one.verify(KIND.id, pem(MINE), NOW)
    assert (found.state, found.identities) == (LivenessState.LIVE, (Identity("github", "jane"),))
    assert found.reason.startswith("GitHub, for jane, lists this key (SHA256:")
    assert [(a.path, a.body) for a in seen] == [("/joe.keys", b""), ("/jane.keys", b"")]
    assert "PRIVATE" not in repr(found) + repr(seen)


@pytest.mark.parametrize(
    "make", [lambda: rsa.generate_private_key(65537, 2048), lambda: ec.generate_private_key(ec.SECP256R1())]
)  # fmt: skip
@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])  # fmt: skip
def test_every_sort_of_key_is_found_in_a_file(
    make: Callable[[], Any], form: PrivateFormat, tmp_path: Path
) -> None:
    key, file = make(), tmp_path / "authorized_keys"
    file.write_bytes(b"# staff\n" + b'command="echo hi",no-pty ' + line(key) + b" jane@box\n")
    found = issuer(authorized_keys=(file,)).verify(KIND.id, pem(key, form), NOW)
    assert found.state is LivenessState.LIVE
    assert found.reason.startswith("the file authorized_keys lists this key")


@pytest.mark.parametrize("form", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
def test_an_encrypted_key_is_not_verifiable(form: PrivateFormat) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    found = issuer(github_logins=("jane",)).verify(KIND.id, pem(key, form, b"pass"), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE


@pytest.mark.parametrize(
    "told",
    [
        keys(line(OTHER)), keys(), keys(line(MINE), status=404), keys(line(MINE), status=500),
        keys(line(MINE), sort="text/html"), keys(b"x" * 2_000_000),
        keys(line(MINE)[:-9]), Told(302, b"", headers={"Location": "http://127.0.0.1:1/"}),
    ],
)  # fmt: skip
def test_a_key_that_nobody_lists_is_unknown_and_never_dead(told: Told) -> None:
    with answering(lambda _: told) as base:
        found = issuer(base, github_logins=("jane",)).verify(KIND.id, pem(MINE), NOW)
    assert (found.state, found.identities) == (LivenessState.UNKNOWN, ())


def test_what_could_not_be_read_is_named(tmp_path: Path) -> None:
    found = issuer(github_logins=("jane",), authorized_keys=(tmp_path / "gone",)).verify(
        KIND.id, pem(MINE), NOW
    )
    assert found.state is LivenessState.UNKNOWN
    assert found.reason.endswith("not read: GitHub, for jane,, the file gone")


def test_an_address_inside_is_not_asked_unless_listed() -> None:
    seen: list[Asked] = []
    with answering(lambda asked: seen.append(asked) or keys(line(MINE))) as base:  # type: ignore[func-returns-value]
        one = issuer(base, github_logins=("jane",), internal_hosts=())
        assert one.verify(KIND.id, pem(MINE), NOW).state is LivenessState.UNKNOWN
    assert seen == []


def test_a_server_that_drips_is_cut_off() -> None:
    with raw(lambda sock: [sock.sendall(b"H") or sock.recv(1)]) as base:  # type: ignore[arg-type, func-returns-value]
        one = issuer(base, github_logins=("jane",), timeout_s=0.2)
        assert one.verify(KIND.id, pem(MINE), NOW).state is LivenessState.UNKNOWN


@given(st.text(max_size=100) | st.text(max_size=60).map(lambda t: f"-----BEGIN OPENSSH PRIVATE KEY-----\n{t}\n-----END OPENSSH PRIVATE KEY-----"))  # fmt: skip
def test_nonsense_never_raises_and_is_never_decided(text: str) -> None:
    assert issuer().verify(KIND.id, Secret(text), NOW).state is LivenessState.UNKNOWN


def test_an_unknown_kind_is_not_verifiable() -> None:
    found = issuer().verify(KindId("?"), pem(MINE), NOW)
    assert found.state is LivenessState.NOT_VERIFIABLE


def outbound(at: At) -> Ask:
    one = issuer(
        at.base, github_logins=("jane",), internal_hosts=at.internal, timeout_s=at.timeout_s
    )
    return asks.issuer(one, KIND.id, pem(MINE))


class TestStates(StatesContract):
    kind = KIND.id
    never: ClassVar = {
        "dead": "absence from a list is no death",
        "limited": "a list of keys knows of no limits",
    }
    scenes: ClassVar = {
        "live": Scene(pem(MINE), always(Told(200, line(MINE), "text/plain")), LivenessState.LIVE),
        "rate limited": Scene(pem(MINE), always(Told(429, b"")), LivenessState.RATE_LIMITED),
    }

    def connect(self, base: str, timeout_s: float = 5.0) -> SshIssuer:
        return issuer(base, github_logins=("jane",), timeout_s=timeout_s)
