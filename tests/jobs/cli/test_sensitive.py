"""Embargoes and restrictions at the command line: who may, and what is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.cli.conftest import Desk, Shown

READER = "counsel@fennelandrye.example"
AS = ("--as", READER)
WHY = ("--reason", "not told yet", *AS)
FAR = ("--until", "2200-01-01T09:00+01:00")
WHO = "yusuf.demir@fennelandrye.example"


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The demo's company, where somebody may read embargoes; all that is set ends with the test."""
    monkeypatch.setenv("OFFKEY_POLICY__EMBARGO_READERS", READER)
    yield desk
    desk.run("people", "embargo", WHO, "--end", *WHY)
    desk.run("people", "restrict", WHO, "--lift", *WHY)


def embargo(desk: Desk, *words: str) -> Shown:
    return desk.run("people", "embargo", *words)


def test_an_embargo_is_set_listed_and_ended(office: Desk) -> None:
    made = embargo(office, WHO, *FAR, *WHY)
    assert (made.code, made.out) == (0, "")
    assert "it ends at 2200-01-01 08:00 UTC" in made.err
    assert "Yusuf" not in made.err
    (line,) = embargo(office, *AS).lines
    assert line == (
        "Yusuf Demir (100184): until 2200-01-01 08:00 UTC, "
        "by counsel@fennelandrye.example: not told yet"
    )
    assert embargo(office, WHO, "--end", *WHY).code == 0
    assert embargo(office, *AS).lines == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((WHO, *FAR, "--reason", "x", "--as", "omar@fennelandrye.example"), "not for everybody"),
        (("--as", "omar@fennelandrye.example"), "not for everybody"),
        ((WHO, *FAR, *AS), "No reason"),
        ((WHO, *WHY), "no instant"),
        ((WHO, "--until", "2200-01-01", *WHY), "no instant"),
        ((WHO, "--until", "2000-01-01T00:00Z", *WHY), "past"),
        (("100109", *FAR, *WHY), "in the ledger already"),
        (("nobody@x.example", *FAR, *WHY), "Nobody is known"),
        ((WHO, "--end", *WHY), "in force"),
    ],
)
def test_what_cannot_be(office: Desk, words: tuple[str, ...], why: str) -> None:
    shown = embargo(office, *words)
    assert (shown.code, why in " ".join(shown.err.split())) == (2, True)


def test_who_is_listed_is_told_of_an_embargoed_leave_by_name_only(office: Desk) -> None:
    assert office.run("leaver", WHO, "--embargoed", *AS).code in (0, 1)
    for words in ((), ("--as", "omar@fennelandrye.example")):
        shown = office.run("leaver", WHO, "--embargoed", *words)
        assert (shown.code, "not for everybody" in shown.err) == (2, True)


def test_a_restricted_person_is_in_no_list_until_that_is_lifted(office: Desk) -> None:
    def listed() -> str:
        return office.run("cases", "--all", "--format", "json").out

    dana = ("people", "restrict", "100109", *WHY)
    assert "Dana Whitfield" in listed()
    assert office.run(*dana).code == 0
    assert "Dana Whitfield" not in listed()
    assert "100109" not in listed()
    assert office.run(*dana, "--lift").code == 0
    assert "Dana Whitfield" in listed()


def test_the_ledger_holds_together(office: Desk, demo_folder: Path) -> None:
    embargo(office, WHO, *FAR, *WHY)
    assert demo_folder.is_dir()
    assert "hold together" in office.run("doctor").out
