"""A layer is answered by what was seen; what was not is never a no, and never more than in part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from correlate.ai_means import Layer, Means, brief, is_forge, layers, pushes
from correlate.model import Truth
from tests.correlate.cast import FP, NOW

HELD = Means(FP, "Some token", "issuer", Truth.UNKNOWN, Truth.YES, "why", places=("bot:a.py",))
IDENTITY, TIMELY, REVOKED, LOG = range(4)


def answers(
    *held: Means, rights: int = 0, proofs: tuple[str, ...] = (), logs: int = 0, **entries: int
) -> list[Layer]:
    return list(layers(held, rights, proofs, entries, logs))


def test_where_nothing_was_seen_nothing_is_denied() -> None:
    found = answers()
    assert [one.answer for one in found] == ["not seen"] * 4
    assert all(one.dark for one in found)


@pytest.mark.parametrize(
    ("found", "number", "answer"),
    [
        (answers(HELD), IDENTITY, "contrary seen"),
        (answers(replace(HELD, places=())), IDENTITY, "not seen"),
        (answers(replace(HELD, brief=True)), IDENTITY, "not seen"),
        (answers(replace(HELD, brief=True)), TIMELY, "in part"),
        (answers(replace(HELD, expires=Truth.NO)), TIMELY, "contrary seen"),
        (answers(rights=2), TIMELY, "contrary seen"),
        (answers(HELD), TIMELY, "not seen"),
        (answers(replace(HELD, owner_left=True)), REVOKED, "contrary seen"),
        (answers(replace(HELD, owner_left=True, alive=Truth.UNKNOWN)), REVOKED, "not seen"),
        (answers(proofs=("rejected",)), REVOKED, "in part"),
        (answers(case=2, probe=1), LOG, "in part"),
        (answers(logs=1), LOG, "contrary seen"),
    ],
)
def test_each_layer_is_answered_by_its_evidence(
    found: list[Layer], number: int, answer: str
) -> None:
    assert found[number].answer == answer


def test_the_ledgers_entries_are_counted_by_sort() -> None:
    (text,) = answers(case=2, probe=1)[LOG].good
    assert "3 entries" in text
    assert "(case 2, probe 1)" in text


@pytest.mark.parametrize(
    ("issuer", "scopes", "could"),
    [
        ("github", ("repo", "gist"), Truth.YES),
        ("github", ("read:org",), Truth.UNKNOWN),
        ("gitlab", ("api",), Truth.YES),
        ("huggingface", (), Truth.UNKNOWN),
        ("slack", ("write",), Truth.UNKNOWN),
    ],
)
def test_scopes_tell_what_may_be_pushed_and_never_what_may_not(
    issuer: str, scopes: tuple[str, ...], could: Truth
) -> None:
    assert pushes(issuer, scopes) is could


def test_forges_keep_what_their_credentials_change() -> None:
    assert is_forge("gitlab")
    assert not is_forge("openai")


@pytest.mark.parametrize(("hours", "short"), [(1, True), (24, True), (25, False)])
def test_a_day_is_brief(hours: int, short: bool) -> None:
    assert brief(NOW, NOW + timedelta(hours=hours)) is short
    assert not brief(None, NOW)
    assert not brief(NOW, None)
