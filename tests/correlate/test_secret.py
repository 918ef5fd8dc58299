"""Plaintext shows itself to nobody, and a fingerprint is keyed."""

from __future__ import annotations

import copy
import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.codec import encode
from correlate.secret import Pepper, Secret

MARKER = "marker-that-must-not-show"
PEPPER = Pepper("p1", b"k" * 32)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r:>40}".format,
        lambda s: f"{s:x}",
        lambda s: " ".join(map(repr, [s])),
    ],
)
def test_no_way_of_showing_a_secret_shows_it(show: object) -> None:
    assert MARKER not in show(Secret(MARKER))  # type: ignore[operator]


@pytest.mark.parametrize("carry", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, encode])
def test_a_secret_is_never_carried(carry: object) -> None:
    with pytest.raises(TypeError) as caught:
        carry(Secret(MARKER))  # type: ignore[operator]
    assert MARKER not in "".join(traceback.format_exception(caught.value))


def test_a_secret_cannot_be_collected_in_a_set() -> None:
    with pytest.raises(TypeError):
        hash(Secret(MARKER))


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_a_pepper_is_blank_and_long() -> None:
    assert "kkk" not in repr(PEPPER)
    with pytest.raises(TypeError):
        pickle.dumps(PEPPER)
    with pytest.raises(ValueError, match="at least 32"):
        Pepper("p1", b"short")


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_fingerprint_depends_on_kind_secret_and_pepper(one: str, other: str) -> None:
    made = PEPPER.fingerprint("kind", Secret(one))
    assert made == PEPPER.fingerprint("kind", Secret(one))
    assert (made == PEPPER.fingerprint("kind", Secret(other))) == (one == other)
    assert made != PEPPER.fingerprint("kind2", Secret(one))
    assert made.digest != Pepper("p2", b"j" * 32).fingerprint("kind", Secret(one)).digest
    assert len(made.digest) == 64
