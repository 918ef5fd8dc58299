"""What is linked anew with what was left as it is comes to what linking everybody anew comes to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.linking import persons_of
from correlate.memory import memory_of
from correlate.model import DirectoryAccount, PeopleSnapshot, PersonId, Truth, Worker, WorkerId
from correlate.relinking import Relinked, relink
from correlate.verdict import Person
from sample_data.corporation import build
from tests.correlate.cast import account, mail, snapshot, worker

Feeds = dict[str, PeopleSnapshot]
Rows = tuple[Worker | DirectoryAccount, ...]

ADDRESSES = ("a@x.example", "A@X.example", "b@x.example", "7+a@users.noreply.github.com")
NUMBERS = ("1", "2", "3", "uk/1", "directory:a", "a")
STARTS, ENDS = ("2020-01-01", "2022-02-05", ""), ("2022-01-31", "2024-05-05", "", "")


def of(feed: str, *rows: Worker | DirectoryAccount) -> PeopleSnapshot:
    workers = tuple(row for row in rows if isinstance(row, Worker))
    accounts = tuple(row for row in rows if isinstance(row, DirectoryAccount))
    return snapshot(*workers, accounts=accounts, feed=feed)


def rows_of(taken: PeopleSnapshot) -> Rows:
    return *taken.workers, *taken.accounts


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


@st.composite
def workers(draw: st.DrawFn) -> Worker:
    made = worker(
        draw(st.sampled_from(NUMBERS)),
        *draw(some(ADDRESSES)),
        start=draw(st.sampled_from(STARTS)),
        end=draw(st.sampled_from(ENDS)),
    )
    boss = draw(st.sampled_from((None, *NUMBERS[:4])))
    return replace(
        made,
        name=draw(st.sampled_from(("Ann", "Ben"))),
        manager=WorkerId(boss) if boss else None,
        person_key=draw(st.sampled_from(("", "", "k"))),
        identities=tuple(mail(one) for one in draw(some(ADDRESSES[2:]))),
    )


@st.composite
def accounts(draw: st.DrawFn) -> DirectoryAccount:
    number = draw(st.sampled_from(("", *NUMBERS[:4])))
    made = account(draw(st.sampled_from(("a", "b", "1"))), *draw(some(ADDRESSES)), worker_id=number)
    return replace(made, account_id=draw(st.sampled_from(("x", "y"))))


@st.composite
def feeds(draw: st.DrawFn) -> Feeds:
    made = {}
    for name in ("hr", "uk", memory_of("hr"), "ad"):
        rows: Rows = tuple(draw(st.lists(accounts() if name == "ad" else workers(), max_size=4)))
        made[name] = of(name, *rows)
    return made


@st.composite
def later(draw: st.DrawFn, before: Feeds) -> Feeds:
    """Some feeds as they were, others in another order, without some rows, or with new ones."""
    after = dict(before)
    fresh = draw(feeds())
    for name, taken in before.items():
        change = draw(st.sampled_from(("none", "none", "mixed", "gone")))
        if change == "mixed":
            kept = [row for row in rows_of(taken) if draw(st.integers(0, 3))]
            rows: Rows = tuple(draw(st.permutations([*kept, *rows_of(fresh[name])[:1]])))
            after[name] = of(name, *rows)
        elif change == "gone":
            del after[name]
    return after


def patched(before: Feeds, news: Relinked) -> dict[PersonId, Person]:
    persons = {**persons_of(before.values()), **news.made}
    return {name: one for name, one in persons.items() if name not in news.gone}


@settings(max_examples=300)
@given(st.data())
def test_whatever_changes_everybody_is_as_if_linked_anew(data: st.DataObject) -> None:
    before = data.draw(feeds())
    after = data.draw(later(before))
    assert patched(before, relink(before, after)) == persons_of(after.values())


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
