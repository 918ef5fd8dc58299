from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.sftp import SftpServer, host_key
from correlate.errors import AuthError, ConfigError, Refused, Unavailable
from correlate.secret import Secret
from tests.connectors.wire import listening
from tests.services import Sshd, sshd

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as server:
        (server.folder / "a.csv").write_bytes(b"x" * 100_000)
        yield server


def server(running: Sshd, **changes: Any) -> SftpServer:
    made = SftpServer(
        "hr", "127.0.0.1", running.port, running.user, host_key(running.host_keys["ssh-ed25519"]),
        private_key=Secret(running.private_key.strip()), timeout_s=20.0,
    )  # fmt: skip
    return replace(made, **changes)


def other_key(folder: Path, kind: str, passphrase: str = "") -> Path:
    path = folder / "other"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True, timeout=60
    )
    return path


def names(made: SftpServer, running: Sshd) -> list[str]:
    with made.open(str(running.folder)) as folder:
        return [one.name for one in folder.files()]


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa"])
def test_a_server_is_known_by_either_of_its_keys(running: Sshd, kind: str) -> None:
    assert names(server(running, key=host_key(running.host_keys[kind])), running) == ["a.csv"]


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_another_host_key_is_refused_before_we_log_in(
    running: Sshd, tmp_path: Path, kind: str
) -> None:
    other = host_key(other_key(tmp_path, kind).with_suffix(".pub").read_text())
    with pytest.raises(Refused, match="host key is another"):
        names(server(running, key=other), running)


def test_a_login_that_is_refused(running: Sshd, tmp_path: Path) -> None:
    other = Secret(other_key(tmp_path, "ed25519").read_text())
    with pytest.raises(AuthError):
        names(server(running, private_key=other), running)
    with pytest.raises(AuthError) as caught:
        names(server(running, private_key=None, password=Secret("mistaken")), running)
    assert "mistaken" not in str(caught.value)


def test_a_key_that_is_none_or_is_locked(running: Sshd, tmp_path: Path) -> None:
    locked = Secret(other_key(tmp_path, "ed25519", "open sesame").read_text())
    for key, word in ((Secret("none"), None), (locked, None), (locked, Secret("wrong"))):
        with pytest.raises(ConfigError):
            names(server(running, private_key=key, passphrase=word), running)
    with pytest.raises(AuthError):  # it opens, and the server does not know it
        names(server(running, private_key=locked, passphrase=Secret("open sesame")), running)


def test_a_file_is_read_up_to_a_byte_more_than_is_wanted(running: Sshd) -> None:
    with server(running).open(str(running.folder)) as folder:
        (one,) = folder.files()
        assert one == folder.look("a.csv")
        assert (one.size, len(folder.read("a.csv", 100_000))) == (100_000, 100_000)
        assert len(folder.read("a.csv", 99)) == 100


def test_a_folder_that_is_not_there(running: Sshd) -> None:
    with (
        pytest.raises(Unavailable, match="FileNotFoundError"),
        server(running).open("/nonexistent") as folder,
    ):
        folder.files()


def talks_otherwise(sock: socket.socket) -> None:
    sock.sendall(b"HTTP/1.1 400 No\r\n\r\n")


def says_nothing(sock: socket.socket) -> None:
    while sock.recv(65_536):
        pass


@pytest.mark.parametrize("talk", [talks_otherwise, says_nothing])
def test_a_server_that_is_none_or_silent_is_left_in_time(
    running: Sshd, talk: Callable[[socket.socket], None]
) -> None:
    with listening(talk) as port, pytest.raises(Unavailable):
        names(server(running, port=port, timeout_s=0.5), running)


def test_without_paramiko_it_says_what_to_install(running: Sshd) -> None:
    def nothing(name: str) -> Any:
        raise ImportError(name)

    with pytest.raises(ConfigError, match=r"offkey\[sftp\]"):
        names(server(running, load=nothing), running)


@pytest.mark.parametrize("text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa !!!", "host key"])
def test_what_is_no_host_key(text: str) -> None:
    with pytest.raises(ValueError, match="no public key"):
        host_key(text)
