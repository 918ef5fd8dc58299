from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.kind import Kind
from detectors.forms.form import PLAIN
from detectors.forms.known import FORMS, form_of
from detectors.mint import mint
from jobs.kind_files import packaged_kinds

FORMED = [kind for kind in packaged_kinds() if kind.form]


def test_every_form_is_named_by_a_kind() -> None:
    assert {kind.form for kind in FORMED} == set(FORMS)


def test_a_kind_without_a_form_is_plain(kinds: dict[str, Kind]) -> None:
    assert form_of(dataclasses.replace(kinds["npm_token"], form="")) is PLAIN


@pytest.mark.parametrize("kind", FORMED, ids=lambda kind: str(kind.id))
def test_a_spelling_is_final(kind: Kind) -> None:
    form, token = form_of(kind), mint(kind, "a")
    once = form.spelling(token)
    assert form.spelling(once) == once


@pytest.mark.parametrize("name", sorted(FORMS))
@given(text=st.text(max_size=80), kind=st.sampled_from(FORMED), cut=st.integers(0, 200))
def test_no_form_raises_for_any_text(name: str, text: str, kind: Kind, cut: int) -> None:
    form, token = FORMS[name], mint(kind, "a")
    for piece in (text, token[:cut], token[:cut] + text, text + token[cut:]):
        form.holds(piece)
        assert all(isinstance(value, str) for value in form.facts(piece).values())
        form.spelling(piece)
