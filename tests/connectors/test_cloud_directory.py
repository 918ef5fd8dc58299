"""What the connectors' own tests do not show of the part that they share."""

from __future__ import annotations

import pytest

from connectors.cloud_directory import Accounts, addresses, exact, objects, texts, worker_id
from correlate.errors import FeedRefused
from correlate.model import DirectoryAccount
from tests.connectors.directory_contract import NOW

ROWS = [{"id": "1", "login": "ann"}, {"id": "2", "login": "ben"}]


def judge(item: object) -> DirectoryAccount:
    assert isinstance(item, dict)
    return DirectoryAccount(
        item["id"], item["login"], item.get("name", ""), manager=item.get("m", "")
    )


def collected(*rows: dict[str, str]) -> Accounts:
    found = Accounts("dir")
    found.add(rows, judge)
    return found


def test_of_two_readings_the_later_stands() -> None:
    taken = collected(*ROWS, ROWS[0] | {"name": "Ann"}).snapshot(NOW, None, 20)
    assert [(one.account_id, one.name) for one in taken.accounts] == [("1", "Ann"), ("2", "")]


def test_the_digest_is_of_all_rows_whatever_their_order() -> None:
    one, two = (collected(*rows).snapshot(NOW, None, 20) for rows in (ROWS, ROWS[::-1]))
    assert one.digest == two.digest
    assert one.digest != collected(ROWS[0]).snapshot(NOW, None, 20).digest


def test_what_nobody_could_name_is_left_out_and_said_once() -> None:
    rows = [*ROWS, {"id": "", "login": "x"}, {"id": "3", "login": ""}]
    taken = collected(*rows).snapshot(NOW, None, 20)
    assert len(taken.accounts) == 2
    assert len(taken.problems) == 1


@pytest.mark.parametrize(
    ("told", "manager"), [("1", "1"), ("ANN", "1"), ("carl", ""), ("", ""), ("9", "")]
)
def test_a_manager_is_an_account_of_the_same_directory_or_nobody(told: str, manager: str) -> None:
    taken = collected(ROWS[0], ROWS[1] | {"m": told}).snapshot(NOW, None, 20)
    assert taken.accounts[1].manager == manager


def test_nothing_is_never_a_directory() -> None:
    with pytest.raises(FeedRefused):
        collected().snapshot(NOW, None, 20)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("00012", "00012"),
        (12, "12"),
        (True, ""),
        (1.5, ""),
        (None, ""),
        ([], ""),
        ("a\x00b", ""),
        ("a\u202eb", ""),
        ("x" * 201, ""),
        (10**300, ""),
    ],
)
def test_an_identifier_is_taken_whole_or_not(value: object, text: str) -> None:
    assert exact(value) == text
    assert worker_id(value) == (text or None)


def test_a_worker_id_has_no_blanks_around_it() -> None:
    assert worker_id(" 00012 ") == "00012"
    assert worker_id("   ") is None


def test_lists_may_be_anything() -> None:
    assert addresses("a@x", None, "b", "a@x", "c@x\n", "d@x") == ("a@x", "d@x")
    assert texts("abc") == []
    assert texts(["a", 1]) == ["a", 1]
    assert objects([{}, "a", {"b": 1}]) == [{}, {"b": 1}]
