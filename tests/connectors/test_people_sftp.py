from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.people_sftp import Settings, SftpPeople, connect
from correlate.errors import ConfigError, FeedRefused
from correlate.ports import PeopleFeed, Setup
from correlate.secret import Secret
from tests.connectors.people_contract import NOW, Bytes, Person, staff, unchanged
from tests.connectors.people_files import CsvPeopleContract, written
from tests.services import Sshd, sshd

SETUP = Setup("hr", Path("/nonexistent"))
AN_HOUR = 3600.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def made(server: Sshd, **changes: Any) -> SftpPeople:
    settings = Settings(
        host="127.0.0.1", user=server.user, host_key=server.host_keys["ssh-ed25519"],
        pattern="people.csv", folder=str(server.folder), port=server.port,
        private_key=Secret(server.private_key), timeout_s=20.0,
    )  # fmt: skip
    return connect(replace(settings, **changes), SETUP)


def put(server: Sshd, name: str, people: Sequence[Person] = (), age: float = AN_HOUR) -> Path:
    path = server.folder / name
    path.write_bytes(written(people))
    os.utime(path, (NOW.timestamp() - age,) * 2)
    return path


@pytest.mark.service
class TestSftp(CsvPeopleContract):
    @pytest.fixture(autouse=True)
    def _emptied(self, server: Sshd) -> None:
        self.server = server
        for path in server.folder.iterdir():
            path.unlink()

    @contextmanager
    def publish(
        self, people: Sequence[Person], tamper: Bytes = unchanged, **settings: Any
    ) -> Iterator[PeopleFeed]:
        path = put(self.server, "people.csv", people)
        path.write_bytes(tamper(path.read_bytes()))
        os.utime(path, (NOW.timestamp() - AN_HOUR,) * 2)
        yield made(self.server, **settings)

    @contextmanager
    def stale(self, people: Sequence[Person]) -> Iterator[PeopleFeed]:
        put(self.server, "people.csv", people, 2 * 24 * AN_HOUR)
        yield made(self.server)

    def count(self, **settings: Any) -> int:
        return len(made(self.server, **settings).snapshot(NOW, None).workers)

    def why(self, **settings: Any) -> str:
        with pytest.raises(FeedRefused) as caught:
            self.count(**settings)
        return caught.value.why

    def test_the_newest_is_read_by_the_date_in_its_name(self) -> None:
        put(self.server, "people_2026-03-01.csv", staff(24), 2 * AN_HOUR)
        put(self.server, "people_2026-02-27.csv", staff(20), AN_HOUR)  # sent again since
        put(self.server, "people_2026-03-02.csv.part", staff(10))
        put(self.server, "salaries_2026-03-02.csv", staff(10))
        assert self.count(pattern="people_%Y-%m-%d.csv") == 24

    def test_the_newest_is_read_by_when_it_was_written(self) -> None:
        put(self.server, "people-b.csv", staff(20), 3 * AN_HOUR)
        put(self.server, "people-a.csv", staff(24), 2 * AN_HOUR)
        put(self.server, "people-c.csv.tmp", staff(10), AN_HOUR)
        (self.server.folder / "people-d.csv").symlink_to("people-b.csv")
        assert self.count(pattern="people-?.csv") == 24

    def test_an_old_file_that_was_sent_anew_is_old(self) -> None:
        put(self.server, "people_2026-02-20.csv", staff())
        assert "hours ago" in self.why(pattern="people_%Y-%m-%d.csv")

    def test_a_file_of_tomorrow_is_none(self) -> None:
        put(self.server, "people_2099-01-01.csv", staff())
        assert "future" in self.why(pattern="people_%Y-%m-%d.csv")

    def test_a_file_that_may_still_grow_is_refused(self) -> None:
        put(self.server, "people.csv", staff(), 5.0)
        assert "a moment ago" in self.why()
        assert self.count(settle_seconds=0.0) == 24

    def test_a_file_counts_when_its_marker_is_there(self) -> None:
        put(self.server, "people.csv", staff())
        assert "done marker" in self.why(done_marker=".done", pattern="people*")
        put(self.server, "people.csv.done", [], 60.0)
        assert self.count(done_marker=".done", pattern="people*") == 24

    def test_no_file_or_a_large_one_is_refused(self) -> None:
        assert "no file of that name" in self.why()
        put(self.server, "people.csv", staff())
        assert "more than 10 bytes" in self.why(max_bytes=10)


@pytest.mark.parametrize(
    "changes",
    [
        {"host_key": "localhost"}, {"host_key": "ssh-ed25519 AAAA"}, {"host_key": ""},
        {"private_key": None}, {"password": Secret("also")}, {"separator": ""},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_meant(changes: dict[str, Any]) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + "A" * 43
    settings = Settings("h", "u", key, "p.csv", private_key=Secret("k"))
    assert connect(settings, SETUP).name == "hr"
    with pytest.raises(ConfigError):
        connect(replace(settings, **changes), SETUP)
