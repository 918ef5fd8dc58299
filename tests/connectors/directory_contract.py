"""What every directory over HTTP must do, on a made-up one that may misbehave: all of it or nothing,
and what was read before stays in force.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.http import Http
from connectors.store_sql import SqlStore
from correlate.departure import standing
from correlate.errors import AuthError, FeedRefused, OffkeyError, SourceError
from correlate.model import CoverageState, DirectoryAccount, PeopleSnapshot, PersonId, Truth
from correlate.ports import PeopleFeed
from correlate.verdict import Person, StandingState
from jobs.people import read_people
from tests.connectors.inventory_contract import (
    FAULTS,
    HOSTILE,
    LOGIN,
    Upset,
    _always,
    _dicts,
    _with,
)
from tests.connectors.outbound import Ask
from tests.connectors.wire import Answerer, Asked, Told, answering
from tests.jobs.stage import fresh_store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TOKEN = "a-token-for-an-hour"  # invented
NOWHERE = Path("/nonexistent")
BREAKS: Mapping[str, Callable[[Told], Told]] = {
    **FAULTS,
    "slow down": lambda _: Told(429, b"{}", headers={"Retry-After": "86400"}),
    "longer than said": lambda told: Told(200, told.body + b"x", headers=told.headers),
    "nothing": lambda _: Told(200, b""),
}


def page(value: object, **headers: str) -> Told:
    return Told(body=json.dumps(value).encode(), headers=headers)


class DirectoryContract:
    """Subclasses give `answer` (the directory, of which all pages whose path begins with `path`
    are `pages` in all), `connect`, and the ids of accounts of each sort.
    """

    path: ClassVar[str]
    pages: ClassVar[int]
    here: ClassVar[frozenset[str]]
    gone: ClassVar[frozenset[str]]
    locked: ClassVar[frozenset[str]] = frozenset()
    dated: ClassVar[bool] = True
    posts: ClassVar[frozenset[str]] = frozenset()

    def answer(self, asked: Asked) -> Told:
        raise NotImplementedError

    def connect(self, base: str) -> Any:
        raise NotImplementedError

    def upset(self, at: int, told: Callable[[Told], Told], times: int = 10_000) -> Upset:
        return Upset(self.answer, self.path, at, told, times)

    def read(self, answer: Answerer, last: PeopleSnapshot | None = None) -> PeopleSnapshot:
        with answering(answer) as base:
            taken: PeopleSnapshot = self.connect(base).snapshot(NOW, last)
            return taken

    @pytest.fixture
    def taken(self) -> PeopleSnapshot:
        return self.read(self.answer)

    def test_it_reads_every_page_and_nothing_twice(self, taken: PeopleSnapshot) -> None:
        upset = self.upset(0, lambda told: told)
        assert self.read(upset) == taken
        assert upset.asked == self.pages
        assert taken.complete
        assert taken.problems == ()
        ids = [one.account_id for one in taken.accounts]
        assert sorted(ids) == sorted(self.here | self.gone | self.locked)

    def test_leavers_are_seen_and_a_lock_is_no_leave(self, taken: PeopleSnapshot) -> None:
        held = {one.account_id: one for one in taken.accounts}
        assert all(held[one].enabled is Truth.YES and not held[one].deleted for one in self.here)
        assert all(held[one].enabled is Truth.NO for one in self.gone)
        assert all(bool(held[one].disabled_at) is self.dated for one in self.gone)
        assert not any(held[one].disabled_at for one in self.here | self.locked)
        states = {one: _state(held[one]) for one in held}
        present = {StandingState.HERE, StandingState.LEAVING}
        assert {states[one] for one in self.here | self.locked} <= present
        assert StandingState.HERE not in {states[one] for one in self.gone}

    @pytest.mark.parametrize("fault", sorted(BREAKS))
    def test_a_list_cut_at_any_page_leaves_the_last_good_one(
        self, fault: str, tmp_path: Path
    ) -> None:
        store = fresh_store(tmp_path)
        assert self._keep(store, self.answer) is CoverageState.COMPLETE
        for number in range(self.pages):
            upset = self.upset(number, BREAKS[fault])
            assert self._keep(store, upset) is CoverageState.FAILED
            assert upset.asked > number
        with store.transaction() as tx:
            last = tx.people.last_snapshot("dir")
        assert last == self.read(self.answer)
        store.close()

    def _keep(self, store: SqlStore, answer: Answerer) -> CoverageState:
        with answering(answer) as base:
            report = read_people([self.connect(base)], store, NOW, 50)
        (part,) = report.coverage
        return part.state

    def test_pages_that_lead_in_a_circle_are_left(self) -> None:
        first = self._told(0)
        with pytest.raises(SourceError):
            self.read(self.upset(0, lambda _: first))

    def test_a_throttle_is_waited_for(self, taken: PeopleSnapshot) -> None:
        slow = Told(429, b"{}", headers={"Retry-After": "0"})
        upset = self.upset(1, lambda _: slow, times=1)
        assert self.read(upset) == taken
        assert upset.asked == self.pages + 1

    def test_a_page_above_all_measure_is_not_read(self) -> None:
        with answering(self.upset(0, lambda told: replace(told, body=b" " * 200_000))) as base:
            feed = self.connect(base)
            policy = replace(feed.rest.http.policy, body_max=100_000, retries=0)
            small = replace(feed, rest=replace(feed.rest, http=Http(policy)))
            with pytest.raises(OffkeyError, match="larger"):
                small.snapshot(NOW, None)

    def test_a_login_that_is_refused_is_an_error_and_not_shown(self) -> None:
        for told in (Told(401, b"{}"), Told(403, b'{"error": "a-token-for-an-hour"}')):
            with pytest.raises(AuthError) as caught:
                self.read(lambda _, told=told: told)  # type: ignore[misc]
            assert LOGIN not in str(caught.value)
            assert TOKEN not in str(caught.value)

    def test_a_directory_that_emptied_or_shrank_is_refused(self, taken: PeopleSnapshot) -> None:
        one = taken.accounts[0]
        more = tuple(replace(one, account_id=str(n), enabled=Truth.YES) for n in range(90))
        with pytest.raises(FeedRefused, match="fell from"):
            self.read(self.answer, replace(taken, accounts=more))
        with pytest.raises(SourceError):
            self.read(self.emptied)

    def emptied(self, asked: Asked) -> Told:
        """Answer as a directory without accounts would."""
        return Upset(self.answer, self.path, 0, _without_rows)(asked)

    @pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.long)])
    def test_fields_may_hold_anything(self, share: int) -> None:
        """No value of any field brings the reading down or gets through unbounded. Of each field one
        of so many values is tried.
        """
        first = self._told(0)
        known, upset = json.loads(first.body), self.upset(0, lambda told: told)
        with answering(upset) as base:
            feed = self.connect(base)
            names = sorted({key for one in _dicts(known) for key in one})
            for number, name in enumerate(names):
                for value in HOSTILE[number % share :: share]:
                    body = json.dumps(_with(known, name, value)).encode()
                    upset.asked, upset.times = 0, 1
                    upset.told = _always(Told(body=body, headers=first.headers))
                    _read_bounded(feed)

    def test_it_reads_only_and_shows_no_login(self) -> None:
        upset = self.upset(0, lambda told: told)
        with answering(upset) as base:
            feed = self.connect(base)
            feed.snapshot(NOW, None)
            assert LOGIN not in repr(feed)
        asked = [f"{one.path}{one.query}" for one in upset.seen]
        assert not any(LOGIN in text or TOKEN in text for text in asked)
        assert all(one.method == "GET" or one.path in self.posts for one in upset.seen)

    def _told(self, number: int) -> Told:
        found: list[Told] = []

        def keep(told: Told) -> Told:
            found.append(told)
            return told

        self.read(self.upset(0, keep))
        return found[number]


class LinkedContract(DirectoryContract):
    """Of directories whose pages name the next one's address. Subclasses give `led`."""

    def led(self, told: Told, url: str) -> Told:
        """Return the page, its next one at `url`."""
        raise NotImplementedError

    @pytest.mark.parametrize("spelled", ["{}/x", "//{}/x", "{}.evil.example", "file:///etc/passwd"])
    def test_no_page_leads_to_another_host(self, spelled: str) -> None:
        elsewhere: list[Asked] = []

        def trap(asked: Asked) -> Told:
            elsewhere.append(asked)
            return Told()

        with answering(trap) as other:
            url = spelled.format(other if spelled[0] == "{" else other.removeprefix("http://"))
            with pytest.raises(SourceError):
                self.read(self.upset(0, lambda told: self.led(told, url)))
        assert elsewhere == []


def asks(feed: PeopleFeed) -> Ask:
    """A question to the feed, for `test_outbound`."""

    def ask() -> str:
        try:
            taken = feed.snapshot(NOW, None)
        except OffkeyError as error:
            return error.why
        raise AssertionError(taken)

    return ask


def _read_bounded(feed: PeopleFeed) -> None:
    try:
        taken = feed.snapshot(NOW, None)
    except OffkeyError:
        return
    for account in taken.accounts:
        for text in _texts(account):
            assert len(text) <= 500
            assert text.isprintable()


def _state(account: DirectoryAccount) -> StandingState:
    """Where somebody stands of whom only this account is known."""
    return standing(Person(PersonId("x"), "", accounts=(account,)), NOW).state


def _without_rows(told: Told) -> Told:
    value = json.loads(told.body)
    if isinstance(value, list):
        return page([])
    kept = {key: one for key, one in value.items() if not isinstance(one, list)}
    lists: dict[str, object] = {key: [] for key, one in value.items() if isinstance(one, list)}
    counted = {key: 0 for key in kept if key == "totalResults"}
    ends = {key: None for key in kept if key.lower().endswith(("nextlink", "nextpagetoken"))}
    return page(kept | lists | counted | ends)


def _texts(account: DirectoryAccount) -> Iterator[str]:
    yield from (account.account_id, account.login, account.name, account.manager)
    yield from account.emails
    yield str(account.worker_id or "")
    yield from (identity.handle for identity in account.identities)
