"""What is linked anew with what was left as it is comes to what linking everybody anew comes to."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from correlate.linking import persons_of
from correlate.memory import memory_of
from correlate.model import DirectoryAccount, PeopleSnapshot, PersonId, Truth, Worker, WorkerId
from correlate.relinking import Relinked, relink
from correlate.same_person import SHARED
from correlate.verdict import Person
from sample_data.corporation import build
from tests.correlate.cast import account, mail, snapshot, worker

Feeds = dict[str, PeopleSnapshot]
Rows = tuple[Worker | DirectoryAccount, ...]

ADDRESSES = ("a@x.example", "A@X.example", "b@x.example", "c@x.example", "d@x.example")
NO_REPLY = "7+a@users.noreply.github.com"
NUMBERS = ("1", "2", "3", "4")
STRANGE = ("uk/1", "directory:a", "a")
SPANS = (("2020-01-01", "2022-01-31"), ("2022-02-05", ""), ("2020-01-01", ""), ("", ""))
FEEDS = ("hr", "uk", memory_of("hr"))


def of(feed: str, *rows: Worker | DirectoryAccount) -> PeopleSnapshot:
    workers = tuple(row for row in rows if isinstance(row, Worker))
    accounts = tuple(row for row in rows if isinstance(row, DirectoryAccount))
    return snapshot(*workers, accounts=accounts, feed=feed)


def rows_of(taken: PeopleSnapshot) -> Rows:
    return *taken.workers, *taken.accounts


def some(luck: Random, values: tuple[str, ...], most: int = 2) -> tuple[str, ...]:
    return tuple(luck.sample(values, luck.choice(range(most + 1))))


def any_worker(luck: Random) -> Worker:
    start, end = luck.choice(SPANS)
    number = luck.choice(STRANGE) if luck.random() < 0.1 else luck.choice(NUMBERS)
    mails = some(luck, (*ADDRESSES, NO_REPLY))
    boss = luck.choice((None, None, *NUMBERS))
    return replace(
        worker(number, *mails, start=start, end=end),
        name=luck.choice(("Ann", "Ben")),
        manager=WorkerId(boss) if boss else None,
        person_key=luck.choice(("", "", "", "", "k")),
        identities=tuple(map(mail, some(luck, ADDRESSES, 1))),
    )


def any_account(luck: Random) -> DirectoryAccount:
    number = luck.choice(("", *NUMBERS))
    made = account(luck.choice("abcd"), *some(luck, ADDRESSES), worker_id=number)
    return replace(made, account_id=luck.choice("uvwxyz"), name=luck.choice("mn"))


def any_feeds(luck: Random) -> Feeds:
    made = {name: of(name, *(any_worker(luck) for _ in range(luck.randrange(4)))) for name in FEEDS}
    return {**made, "ad": of("ad", *(any_account(luck) for _ in range(luck.randrange(6))))}


def a_little_later(luck: Random, before: Feeds) -> Feeds:
    """One row less or more or another one, of one or two feeds; all rows in another order."""
    after = {}
    for name, taken in before.items():
        rows: Rows = (*taken.workers, *taken.accounts)
        rows = tuple(luck.sample(rows, len(rows)))
        fresh: Rows = (any_account(luck) if name == "ad" else any_worker(luck),)
        after[name] = of(
            name, *luck.choice((rows, rows, rows, rows[1:], rows + fresh, rows[1:] + fresh))
        )
    return after


def patched(before: Feeds, news: Relinked) -> dict[PersonId, Person]:
    persons = {**persons_of(before.values()), **news.made}
    return {name: one for name, one in persons.items() if name not in news.gone}


@pytest.mark.parametrize("hundred", range(50))
def test_whatever_changes_everybody_is_as_if_linked_anew(hundred: int) -> None:
    for seed in range(hundred * 100, (hundred + 1) * 100):
        luck = Random(seed)  # noqa: S311  # the same for the same seed
        before = any_feeds(luck)
        after = a_little_later(luck, before)
        assert patched(before, relink(before, after)) == persons_of(after.values()), seed


@pytest.mark.parametrize("seed", range(3))
def test_of_a_company_the_few_are_linked_anew_whom_the_change_may_be_about(seed: int) -> None:
    before = {taken.feed: taken for taken in build(seed, 600).snapshots}
    after = dict(before)
    for name, taken in before.items():
        number = seed * 7
        first = [replace(row, name="Else") for row in taken.workers[number : number + 2]]
        other = [replace(row, name="Else") for row in taken.accounts[number : number + 2]]
        rest = taken.workers[number + 2 :], taken.accounts[number + 2 :]
        kept = taken.workers[:number], taken.accounts[:number]
        after[name] = of(name, *kept[0], *first, *rest[0], *kept[1], *other, *rest[1])
    news = relink(before, after)
    assert patched(before, news) == persons_of(after.values())
    assert 0 < len(news.made) < 60


KEYED, OTHER = (replace(worker(number), person_key="k") for number in ("1", "2"))
LOGIN, SAME = account("a"), replace(account("a"), account_id="other")


@pytest.mark.parametrize(
    ("before", "after", "left_alone"),
    [
        ((KEYED,), (replace(KEYED, person_key=""),), (OTHER,)),
        ((worker("1", "A@x.example"),), (worker("1"),), (worker("77", "a@x.example"),)),
        ((worker("1", "a@x.example"),), (worker("1"),), (account("a", "A@x.example"),)),
        (
            (replace(worker("1"), identities=(mail("A@x.example"),)),),
            (worker("1"),),
            (account("a", "a@x.example"),),
        ),
        ((worker("1"),), (), (account("a", worker_id="1"),)),
        ((account("b", worker_id="1"),), (), (worker("1"),)),
        ((LOGIN,), (replace(LOGIN, enabled=Truth.NO),), (SAME,)),
        ((worker("1"),), (), (worker("1"), worker("uk/1"))),
        ((worker("uk/1"),), (), (worker("1"), worker("1", start="2019-01-01"))),
        ((worker("directory:a"),), (), (account("a"),)),
    ],
    ids=["key", "address", "of an account", "identity", "number", "of a worker", "login", "name",
         "name like another's", "name like an account's"],
)  # fmt: skip
@pytest.mark.parametrize("feed", ["hr", "uk"])
def test_whom_a_changed_row_is_tied_to_is_made_anew(
    before: Rows, after: Rows, left_alone: Rows, feed: str
) -> None:
    beside = {feed: of(feed, *left_alone)}
    was, now = (
        {"hr": of("hr", *rows), **beside} if feed != "hr" else {"hr": of("hr", *rows, *left_alone)}
        for rows in (before, after)
    )
    assert patched(was, relink(was, now)) == persons_of(now.values())
    assert patched(now, relink(now, was)) == persons_of(was.values())


def test_where_a_quarter_changed_all_are_linked_anew() -> None:
    before = {taken.feed: taken for taken in build(1, 1600).snapshots}
    after = {
        name: of(name, *(replace(row, name="Else") for row in rows_of(taken)[10:]))
        for name, taken in before.items()
    }
    news = relink(before, after)
    assert news.made == persons_of(after.values())
    assert patched(before, news) == news.made
    assert news.gone
    assert relink({}, after) == Relinked(news.made, set())
    assert set(relink(after, {}).gone) == news.made.keys()


def test_who_shares_a_mailbox_of_many_is_left_alone_while_it_is_one_of_many() -> None:
    ann = (
        worker("a1", "hr@x.example", end="2022-01-31"),
        worker("a2", "hr@x.example", start="2022-02-05"),
    )
    named = tuple(replace(one, name="Ann") for one in ann)
    others = tuple(worker(str(number), "hr@x.example") for number in range(SHARED))
    many = {"hr": of("hr", *named, *others)}
    renamed = {"hr": of("hr", *named, replace(others[0], name="Else"), *others[1:])}
    news = relink(many, renamed)
    assert (set(news.made), set(news.gone)) == ({"0"}, set())
    few = {"hr": of("hr", *named, *others[2:])}
    news = relink(many, few)
    assert {"a2", "0", "1"} == set(news.gone)
    assert patched(many, news) == persons_of(few.values())


def test_who_reports_to_somebody_of_another_number_now_is_made_anew() -> None:
    report = replace(worker("9"), manager=WorkerId("2"))
    before = {"hr": snapshot(worker("1", "a@x.example"), worker("2"), report)}
    joined = replace(worker("2"), person_key="k"), replace(worker("1"), person_key="k")
    after = {"hr": snapshot(*joined, report)}
    assert relink(before, before) == Relinked({}, set())
    news = relink(before, after)
    assert (set(news.made), set(news.gone)) == ({"1", "9"}, {"2"})
    assert news.made[PersonId("9")].spells[0].manager == "1"
    assert patched(before, news) == persons_of(after.values())
