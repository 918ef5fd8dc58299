"""Between whole reads of OpenLDAP: only what changed passes, and the outcome is that of a whole read."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.people_ldap import Settings, connect
from correlate.errors import SourceError
from correlate.model import DirectoryAccount, PeopleSnapshot, Truth
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.ldap_relay import Relay, relay
from tests.services import Slapd, program, slapd

pytestmark = pytest.mark.service

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BASE = "dc=example,dc=test"
PASSWORD = "rea" + "der-1"
COUNT = 30


def _ldif() -> str:
    begun = datetime(2025, 1, 1, tzinfo=UTC)
    blocks = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: Example\n",
        (
            f"dn: cn=reader,{BASE}\nobjectClass: organizationalRole\n"
            f"objectClass: simpleSecurityObject\ncn: reader\nuserPassword: {PASSWORD}\n"
        ),
    ]
    blocks += [
        f"dn: uid=u{n},{BASE}\nobjectClass: inetOrgPerson\nuid: u{n}\ncn: User {n}\nsn: {n}\n"
        f"modifyTimestamp: {begun + timedelta(days=n):%Y%m%d%H%M%SZ}\n"
        for n in range(COUNT)
    ]
    return "\n".join(blocks)


@dataclass(slots=True)
class Feed:
    """A feed that is read every quarter of an hour, over a line that counts entries."""

    server: Slapd
    line: Relay
    workdir: Path
    settings: Settings
    now: datetime = NOW
    last: PeopleSnapshot | None = None

    def read(self, **changes: Any) -> tuple[PeopleSnapshot, int]:
        """Return the next snapshot, and how many entries came over the line."""
        self.now += timedelta(minutes=15)
        before = self.line.entries
        one = connect(replace(self.settings, **changes), Setup("ldap", self.workdir))
        self.last = one.snapshot(self.now, self.last)
        return self.last, self.line.entries - before

    def whole(self) -> PeopleSnapshot:
        """Return what a whole read gives now."""
        one = connect(self.settings, Setup("ldap", Path(os.devnull)))
        return one.snapshot(self.now, None)

    def change(self, ldif: str) -> None:
        """Change entries, as LDIF says."""
        subprocess.run(
            [program("ldapmodify"), "-x", "-H", f"ldap://127.0.0.1:{self.server.plain_port}",
             "-D", f"cn=admin,{BASE}", "-w", PASSWORD],
            input=ldif.encode(), check=True, capture_output=True, timeout=30,
        )  # fmt: skip


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Feed]:
    (tmp_path / "slapd").mkdir()
    with (
        slapd(tmp_path / "slapd", _ldif(), BASE, PASSWORD) as server,
        relay(server.plain_port) as line,
    ):
        settings = Settings(
            url=f"ldap://127.0.0.1:{line.port}", allow_plain=True, base=BASE, user=server.user,
            password=Secret(PASSWORD), page_size=7, timeout_s=5.0,
        )  # fmt: skip
        yield Feed(server, line, tmp_path / "work", settings)


def entry(n: int, change: str) -> str:
    return f"dn: uid=u{n},{BASE}\nchangetype: modify\n{change}\n\n"


def by_id(taken: PeopleSnapshot) -> dict[str, DirectoryAccount]:
    return {one.account_id: one for one in taken.accounts}


def test_what_changed_is_put_on_top_and_gives_what_a_whole_read_gives(feed: Feed) -> None:
    first, count = feed.read()
    assert count == COUNT
    changes = [
        entry(1, "replace: mail\nmail: u1@example.test"),
        entry(2, "add: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z"),
        f"dn: uid=u3,{BASE}\nchangetype: modrdn\nnewrdn: uid=u3new\ndeleteoldrdn: 1\n\n",
        entry(4, f"replace: manager\nmanager: uid=u5,{BASE}"),
        entry(6, f"replace: manager\nmanager: uid=nobody,{BASE}"),
        f"dn: uid=late,{BASE}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: late\ncn: L\nsn: L\n\n",
    ]
    for n, change in enumerate(changes, start=1):
        feed.change(change)
        taken, count = feed.read()
        assert by_id(taken) == by_id(feed.whole())
        assert count <= n + 3  # those of the last hour, and whose managers were looked up
        assert taken.digest != first.digest
    old = by_id(first)
    new = by_id(taken)
    logins = {old[number].login: one for number, one in new.items() if number in old}
    assert (logins["u2"].enabled, logins["u3"].login) == (Truth.NO, "u3new")
    assert (logins["u4"].manager, logins["u6"].manager) == (logins["u5"].account_id, "")


def test_an_unchanged_directory_keeps_its_digest(feed: Feed) -> None:
    first, _ = feed.read()
    again, count = feed.read()
    assert (again.digest, again.accounts) == (first.digest, first.accounts)
    assert again.taken_at > first.taken_at
    assert count < 3


def test_what_was_taken_out_waits_for_the_next_whole_read(feed: Feed) -> None:
    feed.read()
    feed.change(f"dn: uid=u9,{BASE}\nchangetype: delete\n\n")
    taken, _ = feed.read()
    assert len(taken.accounts) == COUNT
    feed.now += timedelta(hours=20)
    taken, count = feed.read()
    assert (len(taken.accounts), count) == (COUNT - 1, COUNT - 1)


def test_a_mark_that_is_of_no_use_means_a_whole_read(feed: Feed) -> None:
    def spoil(text: str) -> None:
        (feed.workdir / "marks.json").write_text(text, encoding="utf-8")

    feed.read()
    for text in ("", "{}", "[1]", '[{"follows": 1}]', "[" * 5_000, "\x00"):
        spoil(text)
        assert feed.read()[1] == COUNT, text
    assert feed.read()[1] < 3
    for key, value in (
        ("points", []),
        ("points", {"": 7}),
        ("whole_at", "now"),
        ("whole_at", "2026-03-02"),
    ):
        (mark, *_) = json.loads((feed.workdir / "marks.json").read_text(encoding="utf-8"))
        spoil(json.dumps([{**mark, key: value}]))
        assert feed.read()[1] == COUNT, (key, value)
    assert feed.last is not None
    feed.last = replace(feed.last, digest="of another snapshot")
    assert feed.read()[1] == COUNT
    assert feed.read(filter="(objectClass=inetOrgPerson)")[1] == COUNT
    feed.now -= timedelta(days=2)  # the clock was set back
    assert feed.read(filter="(objectClass=inetOrgPerson)")[1] == COUNT
    feed.last = None  # a store that lost its snapshot
    assert feed.read()[1] == COUNT
    assert feed.read(full_every_hours=0.0)[1] == COUNT


def test_a_snapshot_that_was_not_believed_is_not_gone_on_from(feed: Feed) -> None:
    believed, _ = feed.read()
    feed.change(entry(1, "replace: mail\nmail: u1@example.test"))
    feed.read()
    feed.last = believed  # a guard refused the second
    taken, count = feed.read()
    assert count < 4
    assert by_id(taken) == by_id(feed.whole())


@pytest.mark.parametrize(("place", "page"), [("entry", 1), ("end", 1), ("entry", 2), ("end", 2)])
def test_a_line_cut_among_the_changes_gives_nothing_and_loses_none(
    feed: Feed, place: str, page: int
) -> None:
    feed.read()
    feed.change("".join(entry(n, "replace: mail\nmail: x@example.test") for n in range(9)))
    feed.line.place, feed.line.page = place, page
    with pytest.raises(SourceError):
        feed.read()
    feed.line.place = ""
    taken, count = feed.read()
    assert by_id(taken) == by_id(feed.whole())
    assert 9 <= count < COUNT
