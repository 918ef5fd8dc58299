"""What every connector of an issuer's list must do, on a made-up issuer that may misbehave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from correlate.errors import AuthError, OffkeyError
from correlate.listed import InventoryRow, InventorySnapshot
from correlate.ports import Inventory
from correlate.secret import Pepper, Secret
from tests.connectors.wire import Answerer, Asked, Told, answering

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
LOGIN = "our-own-login-value"
EARLIER = (NOW - timedelta(days=100)).isoformat()
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 1e308, "", "\x1b[31m\x00\r\n\u202etxt", "n" * 1_000_000, [], ["x"] * 1000,
    {}, {"a": {"b": [None]}}, "9999999999999", "2026-99-99",
)  # fmt: skip


@dataclass(slots=True)
class Upset:
    """Passes calls on, except that some calls to the watched path get another answer."""

    inner: Answerer
    path: str
    at: int
    told: Callable[[Told], Told]
    times: int = 10_000
    asked: int = 0
    seen: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Told:
        self.seen.append(asked)
        told = self.inner(asked)
        if self.path not in asked.path:
            return told
        number, self.asked = self.asked, self.asked + 1
        return self.told(told) if self.at <= number < self.at + self.times else told


def page(rows: Any) -> Told:
    return Told(body=json.dumps(rows).encode())


FAULTS: Mapping[str, Callable[[Told], Told]] = {
    "fails": lambda _: Told(500, b"{}"),
    "html": lambda _: Told(200, b"<html>sign in</html>", "text/html"),
    "half": lambda told: Told(200, told.body[: len(told.body) // 2], headers=told.headers),
    "other": lambda _: Told(200, b'{"message": "hello"}'),
    "forbidden": lambda _: Told(403, b'{"message": "no"}'),
    "gone": lambda _: Told(404, b"{}"),
}


class InventoryContract:
    """Subclasses give `answer` (the issuer, whose list at `path` has `pages` pages), `connect`,
    the list's `container` and the number of its `rows`.
    """

    path: ClassVar[str]
    container: ClassVar[str]
    pages: ClassVar[int] = 3
    rows: ClassVar[int] = 3
    posts: ClassVar[frozenset[str]] = frozenset()

    def answer(self, asked: Asked) -> Told:
        raise NotImplementedError

    def connect(self, base: str) -> Inventory:
        raise NotImplementedError

    def read(self, answer: Answerer) -> InventorySnapshot:
        with answering(answer) as base:
            return self.connect(base).snapshot(NOW)

    def mine(self, taken: InventorySnapshot) -> list[InventoryRow]:
        return [row for row in taken.rows if row.container == self.container]

    @pytest.fixture
    def taken(self) -> InventorySnapshot:
        return self.read(self.answer)

    def test_it_reads_every_page_and_says_so(self, taken: InventorySnapshot) -> None:
        assert taken.gaps == ()
        assert self.container in taken.listed
        mine = self.mine(taken)
        assert len({row.row_id for row in mine}) == len(mine) == self.rows
        assert all(row.source == taken.source and row.issuer and row.what for row in taken.rows)
        assert taken == self.read(self.answer)

    @pytest.mark.parametrize("fault", sorted(FAULTS))
    def test_a_list_that_breaks_off_is_never_taken_for_whole(self, fault: str) -> None:
        for number in range(self.pages):
            upset = Upset(self.answer, self.path, number, FAULTS[fault])
            taken = self.read(upset)
            assert upset.asked, "the list was asked for"
            assert self.container not in taken.listed
            (gap,) = [one for one in taken.gaps if one.container == self.container]
            assert gap.reason
            assert len(self.mine(taken)) < self.rows

    def test_a_right_that_is_missing_is_named(self) -> None:
        taken = self.read(Upset(self.answer, self.path, 0, FAULTS["forbidden"]))
        (gap,) = [one for one in taken.gaps if one.container == self.container]
        assert "our login needs" in gap.reason

    def test_a_login_that_is_refused_is_an_error(self) -> None:
        with pytest.raises(AuthError) as caught:
            self.read(lambda _: Told(401, b"{}"))
        assert LOGIN not in str(caught.value)

    def test_a_throttle_is_waited_for(self, taken: InventorySnapshot) -> None:
        slow = Told(429, b"{}", headers={"Retry-After": "0"})
        upset = Upset(self.answer, self.path, 0, lambda _: slow, times=1)
        assert self.read(upset) == taken
        assert upset.asked == self.pages + 1

    def test_a_throttle_without_an_end_is_a_gap(self) -> None:
        long = Told(429, b"{}", headers={"Retry-After": "86400"})
        taken = self.read(Upset(self.answer, self.path, 0, lambda _: long))
        assert self.container not in taken.listed

    def test_fields_may_hold_anything(self) -> None:
        """No value of any field brings the reading down or gets through unbounded."""
        first = self._first()
        known, upset = json.loads(first.body), Upset(self.answer, self.path, 0, lambda told: told)
        with answering(upset) as base:
            inventory = self.connect(base)
            for name in sorted({key for one in _dicts(known) for key in one}):
                for value in HOSTILE:
                    body = json.dumps(_with(known, name, value)).encode()
                    upset.asked, upset.times = 0, 1
                    upset.told = _always(Told(body=body, headers=first.headers))
                    _read_bounded(inventory)

    def test_the_login_is_never_in_an_address_or_a_repr(self) -> None:
        upset = Upset(self.answer, self.path, 0, lambda told: told)
        with answering(upset) as base:
            inventory = self.connect(base)
            inventory.snapshot(NOW)
            assert LOGIN not in repr(inventory)
        assert upset.seen
        assert not any(LOGIN in f"{one.path}{one.query}" for one in upset.seen)
        assert all(one.method == "GET" or one.path in self.posts for one in upset.seen)

    def test_what_is_kept_shows_no_hint(self, taken: InventorySnapshot) -> None:
        pepper = Pepper("p1", b"k" * 32)
        for row in taken.rows:
            for hint in row.hints:
                assert hint.value not in repr(row)
                assert hint.value not in pepper.hint(row.issuer, hint.form, hint.value)

    def _first(self) -> Told:
        found: list[Told] = []

        def keep(told: Told) -> Told:
            found.append(told)
            return told

        self.read(Upset(self.answer, self.path, 0, keep))
        return found[0]


def _always(told: Told) -> Callable[[Told], Told]:
    return lambda _: told


def _read_bounded(inventory: Inventory) -> None:
    try:
        taken = inventory.snapshot(NOW)
    except OffkeyError:
        return
    for row in taken.rows:
        for text in _texts(row):
            assert len(text) <= 1000
            assert text.isprintable()


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from _dicts(item)


def _with(value: Any, name: str, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: new if key == name else _with(item, name, new) for key, item in value.items()}
    return [_with(item, name, new) for item in value] if isinstance(value, list) else value


def _texts(row: InventoryRow) -> Iterator[str]:
    yield from (row.row_id, row.what, row.name, row.owner_name, row.link, row.revoke_hint)
    yield from row.scopes
    yield from (identity.handle for identity in row.owners)


def login() -> Secret:
    return Secret(LOGIN)


def third(asked: Asked, name: str = "page", first: int = 1) -> int:
    """Return which page of three is asked for, from 0."""
    return int(asked.query.get(name, first)) - first


def linked(rows: list[Any], asked: Asked) -> Told:
    """Return one of three pages that lead to each other by Link."""
    number = third(asked)
    base = f"http://{asked.headers['host']}{asked.path}"
    more = {"Link": f'<{base}?page={number + 2}>; rel="next"'} if number < 2 else {}
    return Told(body=json.dumps(rows[number : number + 1]).encode(), headers=more)
