"""Whose an identity is, and a person's word that corrects it, at the command line."""

from __future__ import annotations

import json

import pytest

from correlate.feed_findings import FeedFinding
from correlate.model import KindId, PersonId
from correlate.verdict import Person
from detectors.mint import mint
from jobs.cli.people import line_of
from jobs.kind_files import packaged_kinds
from tests.jobs.cli.conftest import Desk

WORDED = ("--reason", "he told me", "--as", "boss@x.example")


def test_a_reused_address_is_told_with_all_who_held_it(desk: Desk) -> None:
    shown = desk.run("people", "explain", "john.smith@fennelandrye.example")
    assert shown.code == 0
    assert shown.lines[0].startswith(
        "mail:john.smith@fennelandrye.example: John Smith (100175)'s now"
    )
    assert [line.split()[2] for line in shown.lines[1:]] == ["(100052)", "(100175)"]


def test_a_person_is_told_by_id_or_login(desk: Desk) -> None:
    for who in ("100109", "dwhitfield"):
        shown = desk.run("people", "explain", who)
        assert shown.lines[0] == "Dana Whitfield (100109): left"
    assert desk.run("people", "explain", "nobody-at-all").code == 2


def test_a_link_and_its_undoing(desk: Desk) -> None:
    first = desk.run(
        "people", "link", "github:octo-cat", "100109", "--since", "2026-01-01", *WORDED
    )
    assert first.code == 0
    assert (
        first.lines[0]
        == "github:octo-cat: Dana Whitfield (100109)'s now, says the correction by boss@x.example"
    )
    last = desk.run("people", "unlink", "github:octo-cat", "100109", *WORDED)
    assert last.lines[0] == "github:octo-cat: nobody's that we know"
    assert len(last.lines) == 3
    assert "github:octo-cat is not 100109's" in desk.run("people", "explain", "100109").out


def test_what_is_to_be_mended_in_the_feeds_is_listed(desk: Desk) -> None:
    rows = json.loads(desk.run("people", "findings", "--format", "json").out)["rows"]
    shown = desk.run("people", "findings")
    assert shown.code == 1
    assert len(shown.lines) == len(rows) > 0
    assert any("Erik Sand (100150): here by the personnel feed" in line for line in shown.lines)


def test_odd_rows_are_listed_by_their_feed() -> None:
    jane = Person(PersonId("1"), "Jane\x1b", (), ())
    odd = FeedFinding("feed_rows", None, "row 12: a date", "hr")
    assert line_of(odd, {}).split(maxsplit=1) == ["feed_rows", "hr: row 12: a date"]
    assert "Jane\\x1b (1): x" in line_of(FeedFinding("feeds_differ", jane.id, "x"), {jane.id: jane})


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("link", "octo", "100109", *WORDED), "no identity"),
        (("link", "github:octo", "999", *WORDED), "nobody is known"),
        (("link", "github:octo", "100109", "--since", "2026-02-01", "--until", "2026-01-01", *WORDED), "before it begins"),
        (("unlink", "github:octo", "100109", "--reason", " ", "--as", "boss"), "No reason"),
        (("link", "github:octo", "100109", "--reason", "x"), "--as"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_refused(desk: Desk, words: tuple[str, ...], why: str) -> None:
    shown = desk.run("people", *words)
    assert (shown.code, why in shown.err) == (2, True)


def test_no_credential_gets_into_the_ledger(desk: Desk) -> None:
    kinds = {kind.id: kind for kind in packaged_kinds()}
    token = mint(kinds[KindId("github_pat_classic")], "pasted")
    for words in (
        ("github:octo", "100109", "--reason", f"he uses {token}", "--as", "boss"),
        (f"github:{token}", "100109", *WORDED),
    ):
        shown = desk.run("people", "link", *words)
        assert (shown.code, "holds a credential" in shown.err) == (2, True)
        assert token not in shown.err
