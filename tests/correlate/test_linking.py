"""Persons have the spells and the accounts that are theirs, and the ids that all feeds know them by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.codec import encode
from correlate.identity import Match
from correlate.linking import RULES, link, persons_of
from correlate.model import (
    DirectoryAccount,
    Identity,
    PersonId,
    Truth,
    WorkerId,
)
from tests.correlate.cast import account, day, mail, snapshot, worker
from tests.correlate.test_relinking import any_feeds

ANN = worker("1", "ann@x.example")
BEN = worker("1", "ben@x.example")


def test_a_manager_is_named_by_the_person_that_their_number_means_there() -> None:
    mine = replace(worker("2", "b@x.example"), manager=WorkerId("1"))
    yours = replace(worker("3", "c@x.example"), manager=WorkerId("1"))
    people = link([snapshot(ANN, mine), snapshot(BEN, yours, feed="uk")]).persons
    bosses = {one.spells[0].emails[0]: one.spells[0].manager for one in people.values()}
    assert bosses["b@x.example"] == "1"
    assert bosses["c@x.example"] == "uk/1"


OLD = worker("1", "sam@x.example", start="2019-01-01", end="2021-12-31")
NEW = worker("2", "sam@x.example", start="2024-01-01")


def made(login: str, at: str, **changes: object) -> DirectoryAccount:
    return replace(account(login, "sam@x.example"), created_at=day(at), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "owner"),
    [
        (made("s", "2019-01-03"), "1"),
        (made("s", "2023-12-20"), "2"),  # before the first day
        (made("s", "2022-05-05"), "directory:s"),  # of somebody whom no system lists
        (made("s", "2024-05-05", worker_id=WorkerId("2")), "2"),
        (made("s", "2024-05-05", worker_id=WorkerId("1")), "1"),
        (made("s", "2024-05-05", worker_id=WorkerId("9")), "directory:s"),
        (made("s", "2019-01-03", service=Truth.YES), "directory:s"),
        (account("s", "sam@x.example"), "directory:s"),
    ],
    ids=["then", "soon", "in between", "number", "older number", "unknown number", "machine", "undated"],
)  # fmt: skip
def test_whose_an_account_with_a_reused_address_is(one: DirectoryAccount, owner: str) -> None:
    people = link([snapshot(OLD, NEW), snapshot(accounts=(one,), feed="ldap")])
    held = people.held[Identity("directory", one.account_id)]
    assert [str(person) for person, _ in held] == [owner]


def test_a_number_of_another_system_gives_no_account_away() -> None:
    leaver = worker("1", "ann@x.example", end="2022-01-31")
    ben = account("ben", "ben@x.example", worker_id="1")
    people = link(
        [
            snapshot(leaver),
            snapshot(worker("5", "ben@x.example"), feed="uk"),
            snapshot(accounts=(ben,), feed="ldap"),
        ]
    )
    assert people.who(Identity("login", "ben"), None).person == "directory:ben"


def test_a_machines_account_is_nobodys() -> None:
    robot = replace(account("svc-build", "svc-build@x.example"), service=Truth.YES)
    people = link([snapshot(ANN), snapshot(accounts=(robot,), feed="ldap")])
    assert people.who(mail("svc-build@x.example"), None).match is Match.BOT


@given(st.permutations(range(4)))
def test_the_order_of_rows_and_feeds_does_not_matter(order: list[int]) -> None:
    rows = [OLD, NEW, worker("3", "c@x.example"), worker("3", "c@x.example", start="2022-02-02")]
    feeds = [snapshot(*(rows[number] for number in order)), snapshot(ANN, feed="uk")]
    whole, turned = link(feeds), link(feeds[::-1])
    assert whole.persons == turned.persons == link([snapshot(*rows), feeds[1]]).persons


def test_an_account_with_the_mailbox_of_many_is_its_numbers_worker_or_nobodys() -> None:
    crowd = [worker(str(number), "hr@x.example") for number in range(1500)]
    numbered = [account(f"u{number}", "hr@x.example", worker_id=str(number)) for number in range(9)]
    strangers = [account(f"s{number}", "hr@x.example") for number in range(1500)]
    made = link([snapshot(*crowd, accounts=(*numbered, *strangers))]).persons
    assert [len(made[PersonId(str(number))].accounts) for number in (0, 8, 9)] == [1, 1, 0]
    assert made[PersonId("directory:s7")].accounts == (strangers[7],)
    assert mail("hr@x.example") not in {
        one.identity for one in made[PersonId("directory:s7")].holdings
    }


def test_persons_are_kept_only_while_the_rules_are_the_same() -> None:
    """Whoever changes what comes out raises RULES, so that no store keeps what the old rules made."""
    luck, digest = Random(1), hashlib.sha256()  # noqa: S311  # the same feeds each time
    for _ in range(300):
        made = persons_of(any_feeds(luck).values())
        told = json.dumps(encode([made[name] for name in sorted(made)]), sort_keys=True)
        digest.update(told.encode())
    assert (RULES, digest.hexdigest()[:16]) == ("1", "25558292f079bd1b")
