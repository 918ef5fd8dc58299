"""What every personnel feed must do with a table of people that may be damaged: refuse it, or read
it right. Never anything between.

A subclass publishes a table in its system's own words. A damage that its transport cannot express
stands in `inexpressible`, with the reason.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from correlate.errors import AuthError, OffkeyError
from correlate.model import Employment, PeopleSnapshot, Worker
from correlate.ports import PeopleFeed
from tests.connectors.outbound import Ask
from tests.connectors.wire import Asked, Told, answering

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
MARK = "Zyxwvut"  # a name that no error may show
DAMAGES = (
    "long rows", "names twice", "byte order mark", "latin-1", "dates as texts", "cut", "stale",
    "ids as numbers", "a status of its own",
)  # fmt: skip
HOSTILE: tuple[Any, ...] = (
    None, True, 1e308, "\x1b[31m" + "9" * 5000, "/Date(9999999999999999)/", ["x", "y"],
    {"value": {"b": [None]}},
)  # fmt: skip
Bytes = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Person:
    """One row, in words that every transport translates. Days are ISO, empty where there is none."""

    id: str
    mail: str
    first: str = "Jane"
    last: str = "Doe"
    status: str = "active"  # "active", "left"
    start: str = "2020-02-13"
    last_day: str = ""
    end: str = ""
    manager: str = "000001"


def person(number: int, **changes: str) -> Person:
    return replace(Person(f"{number:06d}", f"p{number}@x.example"), **changes)


def leaver(number: int, **changes: str) -> Person:
    return person(number, status="left", last_day="2026-01-15", end="2026-01-31", **changes)


def staff(count: int = 24, left: int = 4) -> list[Person]:
    """Some who left, and the others; one is called NA, and one Müller."""
    people = [leaver(n) if n <= left else person(n) for n in range(1, count + 1)]
    people[left] = replace(people[left], last="NA")
    people[left + 1] = replace(people[left + 1], last="Müller", first=MARK)
    return people


def unchanged(data: bytes) -> bytes:
    return data


class PeopleContract:
    """Subclasses give `publish`, and what their transport cannot express."""

    inexpressible: ClassVar[Mapping[str, str]] = {}
    tells_last_day: ClassVar[bool] = True

    def publish(
        self, people: Sequence[Person], tamper: Bytes = unchanged, **settings: Any
    ) -> AbstractContextManager[PeopleFeed]:
        """Publish the table, each document of it through `tamper`, and give a feed that reads it."""
        raise NotImplementedError

    def stale(self, people: Sequence[Person]) -> AbstractContextManager[PeopleFeed]:
        """Publish the table as if it was written two days before NOW."""
        raise NotImplementedError

    def read(
        self,
        people: Sequence[Person],
        tamper: Bytes = unchanged,
        last: PeopleSnapshot | None = None,
        **settings: Any,
    ) -> PeopleSnapshot:
        with self.publish(people, tamper, **settings) as feed:
            return feed.snapshot(NOW, last)

    def refusal(
        self,
        people: Sequence[Person],
        tamper: Bytes = unchanged,
        last: PeopleSnapshot | None = None,
        **settings: Any,
    ) -> str:
        """Return why it was refused; fails when it was not, or when the refusal tells of a person."""
        with (
            self.publish(people, tamper, **settings) as feed,
            pytest.raises(OffkeyError) as caught,
        ):
            feed.snapshot(NOW, last)
        assert MARK not in str(caught.value)
        assert "@x.example" not in str(caught.value)
        return caught.value.why

    def expressible(self, damage: str) -> None:
        if damage in self.inexpressible:
            pytest.skip(self.inexpressible[damage])

    @pytest.fixture
    def good(self) -> PeopleSnapshot:
        return self.read(staff())

    def test_what_cannot_be_expressed_has_a_name(self) -> None:
        assert set(self.inexpressible) <= set(DAMAGES)

    # --- right ------------------------------------------------------------------------

    def test_everybody_is_read_as_the_system_has_them(self, good: PeopleSnapshot) -> None:
        assert good.complete
        assert [one.worker_id for one in good.workers] == [one.id for one in staff()]
        by_id = {str(one.worker_id): one for one in good.workers}
        gone, na = by_id["000001"], by_id["000005"]
        assert gone.employment is Employment.LEFT
        assert gone.ends_at == datetime(2026, 2, 1, tzinfo=UTC)  # the last day is over
        if self.tells_last_day:
            assert gone.last_working_at == datetime(2026, 1, 16, tzinfo=UTC)
        assert (na.name, na.employment, na.ends_at) == ("Jane NA", Employment.ACTIVE, None)
        assert (na.emails, na.manager) == (("p5@x.example",), "000001")
        assert na.spell == "2020-02-13"
        assert by_id["000006"].name == f"{MARK} Müller"

    def test_the_same_table_gives_the_same_snapshot(self, good: PeopleSnapshot) -> None:
        assert self.read(staff()) == good

    def test_a_rehire_is_two_spells_or_the_later_one(self) -> None:
        again = person(1, start="2026-02-16")
        taken = self.read([*staff(), again])
        mine = [one for one in taken.workers if one.worker_id == "000001"]
        assert any(one.employment is Employment.ACTIVE and one.ends_at is None for one in mine)

    def test_an_end_before_the_start_is_of_another_spell(self) -> None:
        odd = person(30, start="2026-02-16", end="2024-06-30")
        (one,) = [w for w in self.read([*staff(), odd]).workers if w.worker_id == "000030"]
        assert one.ends_at is None

    def test_who_has_not_begun_has_not_left(self) -> None:
        coming = person(30, status="left", start="2026-06-01")
        (one,) = [w for w in self.read([*staff(), coming]).workers if w.worker_id == "000030"]
        assert one.employment is not Employment.LEFT

    def test_a_byte_order_mark_is_refused_or_no_part_of_the_data(
        self, good: PeopleSnapshot
    ) -> None:
        self.expressible("byte order mark")
        with self.publish(staff(), lambda data: b"\xef\xbb\xbf" + data) as feed:
            try:
                taken = feed.snapshot(NOW, None)
            except OffkeyError:
                return
        assert taken.workers == good.workers

    # --- refused ----------------------------------------------------------------------

    def test_an_empty_table_is_refused(self, good: PeopleSnapshot) -> None:
        assert self.refusal([])
        assert self.refusal([], last=good)

    def test_a_halved_table_is_refused(self, good: PeopleSnapshot) -> None:
        assert "fell from" in self.refusal(staff()[:12], last=good)

    def test_a_table_that_says_everybody_left_is_refused(self, good: PeopleSnapshot) -> None:
        gone = [leaver(n) for n in range(1, 25)]
        assert "everybody has left" in self.refusal(gone)
        assert self.refusal(gone, last=good)

    def test_a_table_that_hides_who_left_is_refused(self, good: PeopleSnapshot) -> None:
        """Either by its people, or because the field of leave dates is not there at all."""
        here = [person(n) for n in range(5, 29)]
        whys = {self.refusal(here), self.refusal(here[:21], last=good)}
        assert all("ever left" in why or "stand in no object" in why for why in whys), whys

    def test_a_row_without_an_id_makes_it_partial_or_refused(self) -> None:
        people = [*staff(200, 40), person(201, id="")]
        with self.publish(people) as feed:
            try:
                taken = feed.snapshot(NOW, None)
            except OffkeyError:
                return
        assert not taken.complete, "which the nightly run refuses"
        assert len(taken.workers) == 200

    @pytest.mark.parametrize(
        "swapped",
        [
            lambda one: replace(one, id=one.mail, mail=one.id),
            lambda one: replace(one, mail=one.last, last=one.mail),
            lambda one: replace(one, start=one.end or "2026-01-31", end=one.start),
        ],
        ids=["id and mail", "mail and name", "start and end"],
    )
    def test_swapped_columns_are_refused(self, swapped: Callable[[Person], Person]) -> None:
        assert self.refusal([swapped(one) for one in staff()])

    @pytest.mark.parametrize("damaged", ["1.23E+05", "123.0", "'000123", "#REF!"])
    def test_ids_that_a_spreadsheet_damaged_are_refused(self, damaged: str) -> None:
        assert "spreadsheet" in self.refusal([*staff(), person(30, id=damaged)])

    @pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u202e"])
    def test_an_unseen_character_never_makes_another_key(self, unseen: str) -> None:
        with self.publish([*staff(), person(30, id=f"0000{unseen}30")]) as feed:
            try:
                taken = feed.snapshot(NOW, None)
            except OffkeyError:
                taken = None
        assert taken is None or not taken.complete
        mail = person(30, mail=f"p{unseen}30@x.example")
        assert all(unseen not in m for w in self.read([*staff(), mail]).workers for m in w.emails)

    def test_nul_is_refused(self) -> None:
        assert "NUL" in self.refusal([*staff(), person(30, last="D\x00e")])

    def test_an_id_twice_with_other_data_is_refused(self) -> None:
        assert "stands twice" in self.refusal([*staff(), person(7, last="Other")])

    def test_status_words_that_nobody_mapped_are_refused(self) -> None:
        self.expressible("a status of its own")
        assert "status" in self.refusal([replace(one, status="employee") for one in staff()])

    def test_dates_in_another_order_are_refused_unless_one_proves_them(self) -> None:
        self.expressible("dates as texts")

        def written(iso: str) -> str:
            return f"{iso[8:]}/{iso[5:7]}/{iso[:4]}" if iso else ""

        def table(*days: str) -> list[Person]:
            people = [*staff(), *(person(30 + n, start=day) for n, day in enumerate(days))]
            return [
                replace(one, start=written(one.start), last_day="", end=written(one.end))
                for one in people
            ]

        with_proof = table("2026-03-04")
        assert self.refusal(with_proof, date_format="%m/%d/%Y")
        assert self.refusal(with_proof), "as ISO days"
        read = self.read(with_proof, date_format="%d/%m/%Y").workers[-1]
        assert read.spell == "2026-03-04"
        doubtful = [replace(one, start="03/04/2021", end="") for one in table()]
        gone = [replace(one, end="05/06/2022") if one.status == "left" else one for one in doubtful]
        for form in ("%m/%d/%Y", "%d/%m/%Y"):
            assert "no date in it shows" in self.refusal(gone, date_format=form)
        assert self.read(gone, date_format="%d/%m/%Y", trust_date_format=True)

    def test_a_table_in_latin_1_is_refused_or_right(self) -> None:
        self.expressible("latin-1")
        assert self.refusal(staff(), lambda data: data.decode().encode("latin-1"))

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_document_that_was_cut_is_refused(self, share: float) -> None:
        self.expressible("cut")
        assert self.refusal(staff(), lambda data: data[: int(len(data) * share)])

    def test_names_that_stand_twice_are_refused(self) -> None:
        self.expressible("names twice")
        assert "twice" in self.refusal(staff(), self.named_twice)

    def named_twice(self, data: bytes) -> bytes:
        raise NotImplementedError

    def test_rows_of_one_field_too_many_are_refused(self) -> None:
        self.expressible("long rows")
        assert "fields" in self.refusal(staff(), self.lengthened)

    def lengthened(self, data: bytes) -> bytes:
        raise NotImplementedError

    def test_a_stale_feed_is_refused(self) -> None:
        self.expressible("stale")
        with self.stale(staff()) as feed, pytest.raises(OffkeyError, match="hours ago"):
            feed.snapshot(NOW, None)


class HttpPeopleContract(PeopleContract):
    """Subclasses give `answer` (the system) and `connect`. `login` is what our secret is."""

    inexpressible: ClassVar[Mapping[str, str]] = {
        "long rows": "an object has names and no places: there is no surplus field",
        "stale": "the system answers with what it holds at that moment",
    }
    login: ClassVar[str] = "our-own-login-value"
    path: ClassVar[str]  # what the addresses of the list have in common
    pages: ClassVar[int] = 1

    def answer(self, people: Sequence[Person], asked: Asked) -> Told:
        raise NotImplementedError

    def connect(self, base: str, **settings: Any) -> PeopleFeed:
        raise NotImplementedError

    @contextlib.contextmanager
    def publish(
        self, people: Sequence[Person], tamper: Bytes = unchanged, **settings: Any
    ) -> Iterator[PeopleFeed]:
        def answer(asked: Asked) -> Told:
            told = self.answer(people, asked)
            return replace(told, body=tamper(told.body)) if self.path in asked.path else told

        with answering(answer) as base:
            yield self.connect(base, **settings)

    def named_twice(self, data: bytes) -> bytes:
        return data.replace(b"{", b'{"again": 1, "again": 2, ', 1)

    @pytest.mark.parametrize(
        "fault",
        [
            Told(500), Told(404), Told(403), Told(429, headers={"Retry-After": "86400"}),
            Told(200, b"<html>sign in</html>", "text/html"), Told(200, b'{"message": "hello"}'),
            Told(200, b"[]"), Told(200, b"null"), Told(200, b""), Told(302, headers={"Location": "/"}),
        ],
        ids=["500", "404", "403", "429", "html", "other", "list", "null", "nothing", "elsewhere"],
    )  # fmt: skip
    def test_a_page_that_is_none_is_never_the_end(self, fault: Told) -> None:
        for number in range(self.pages):
            count = 0

            def answer(asked: Asked, at: int = number) -> Told:
                nonlocal count
                if self.path not in asked.path:
                    return self.answer(staff(), asked)
                count += 1
                return fault if count == at + 1 else self.answer(staff(), asked)

            with answering(answer) as base, pytest.raises(OffkeyError):
                self.connect(base).snapshot(NOW, None)
            assert count > number, "the page was asked for"

    def test_a_login_that_is_refused_is_an_error_without_it(self) -> None:
        with answering(lambda _: Told(401)) as base, pytest.raises(AuthError) as caught:
            self.connect(base).snapshot(NOW, None)
        assert self.login not in str(caught.value)

    def test_the_login_is_in_no_address_and_no_repr(self) -> None:
        seen: list[Asked] = []

        def answer(asked: Asked) -> Told:
            seen.append(asked)
            return self.answer(staff(), asked)

        with answering(answer) as base:
            feed = self.connect(base)
            feed.snapshot(NOW, None)
            assert self.login not in repr(feed)
        assert not any(self.login in f"{one.path}{one.query}" for one in seen)

    def test_an_object_in_place_of_a_text_is_refused(self) -> None:
        """Whichever field it is: it is none that was meant."""

        def nested(data: bytes) -> bytes:
            return data.replace(b'"p7@x.example"', b'{"mail": "p7@x.example"}')

        assert "object" in self.refusal(staff(), nested)

    @pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.long)])
    def test_fields_may_hold_anything(self, share: int) -> None:
        """Whatever stands in whichever field: it is read as it is, or refused. Of each field one of
        so many values is tried.
        """
        people = [leaver(1), person(2)]
        names: set[str] = set()

        def noted(data: bytes) -> bytes:
            names.update(_keys(json.loads(data or b"null")))
            return data

        self.read(people, noted)
        assert len(names) > 8
        for number, name in enumerate(sorted(names)):
            for value in HOSTILE[number % share :: share]:

                def hostile(data: bytes, key: str = name, new: object = value) -> bytes:
                    return json.dumps(_with(json.loads(data), key, new)).encode() if data else data

                with contextlib.suppress(OffkeyError):
                    for one in self.read(people, hostile).workers:
                        assert one.worker_id
                        assert one.worker_id.isprintable()

    def test_an_id_that_is_a_number_keeps_its_digits_and_a_fraction_is_refused(self) -> None:
        self.expressible("ids as numbers")
        people = [*staff(), person(30, id="123456789012345678")]

        def numbered(written: bytes) -> Bytes:
            return lambda data: data.replace(b'"123456789012345678"', written)

        whole = self.read(people, numbered(b"123456789012345678"))
        assert "123456789012345678" in {one.worker_id for one in whole.workers}
        for written in (b"1.23456789e17", b"123456789012345678.0", b"0.5"):
            assert self.refusal(people, numbered(written))


def _keys(value: Any) -> Iterator[str]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from value if isinstance(value, dict) else ()
    for item in inner:
        yield from _keys(item)


def _with(value: Any, name: str, new: Any) -> Any:
    if isinstance(value, dict):
        return {key: new if key == name else _with(item, name, new) for key, item in value.items()}
    return [_with(item, name, new) for item in value] if isinstance(value, list) else value


def page(value: object) -> Told:
    """An answer as systems write them: with letters as they are."""
    return Told(body=json.dumps(value, ensure_ascii=False).encode())


def question(feed: PeopleFeed) -> Ask:
    """Return the question of `tests/connectors/outbound.py`: why the feed gives nothing."""

    def ask() -> str:
        try:
            taken = feed.snapshot(NOW, None)
        except OffkeyError as error:
            return error.why
        raise AssertionError(taken)

    return ask


def only(workers: Sequence[Worker], key: str) -> Worker:
    (one,) = [worker for worker in workers if worker.worker_id == key]
    return one
