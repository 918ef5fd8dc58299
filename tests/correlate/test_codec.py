"""Every value of the vocabulary survives JSON; nothing else passes."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.codec import decode, encode, record_of
from correlate.model import (
    CaseKey,
    Exposure,
    Finding,
    Identity,
    KindId,
    Liveness,
    Locator,
    Medium,
    PeopleSnapshot,
    Trace,
)
from correlate.secret import Fingerprint, Secret
from correlate.stored import Delivery, RunRecord
from correlate.ticket import Bullets, Draft, Facts, Paragraph
from correlate.verdict import Case, Departure, Watch

INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 2),  # noqa: DTZ001  # hypothesis wants naive bounds
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
st.register_type_strategy(datetime, INSTANTS)
st.register_type_strategy(float, st.floats(allow_nan=False))  # which equals nothing
PLAIN = Exposure(Fingerprint("p1", "0" * 64), KindId("k"), Locator("s", "c", "i"), Medium.FILE)
KINDS: list[type[Any]] = [
    Exposure, Trace, Liveness, PeopleSnapshot, Case, Departure, Watch, Delivery, RunRecord, Draft,
]  # fmt: skip


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_value_survives_json(kind: type[Any], whole: bool, data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    assert decode(kind, json.loads(json.dumps(encode(value, whole=whole)))) == value


@given(st.from_type(Exposure))
def test_what_is_whole_has_every_field_and_one_order(value: Exposure) -> None:
    turned = replace(value, facts=dict(reversed(list(value.facts.items()))))
    plain = encode(value, whole=True)
    assert json.dumps(encode(turned, whole=True)) == json.dumps(plain)
    assert isinstance(plain, dict)
    assert set(plain) == {spec.name for spec in fields(Exposure)} > record_of(PLAIN).keys()
    assert set(plain["locator"]) == {spec.name for spec in fields(Locator)}


def test_blocks_are_told_apart_by_their_fields() -> None:
    blocks = (Paragraph("a"), Facts("h", (("l", "v"),)), Bullets("h", ("x", "y")))
    made = Draft(CaseKey("k"), "t", blocks)
    assert decode(Draft, encode(made)) == made


@pytest.mark.parametrize(
    "value",
    [
        Secret("x"),
        Finding(KindId("k"), Secret("x"), Locator("s", "c", "i"), Medium.FILE),
        datetime(2026, 1, 1),  # noqa: DTZ001  # naive on purpose
        object(),
        {1, 2},
    ],
)
def test_what_has_no_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "plain",
    [
        {"system": "mail"},
        {"system": "mail", "handle": "a", "newer": 1},
        {"system": 1, "handle": "a"},
        [],
        "text",
        None,
    ],
)
def test_data_that_does_not_fit_is_refused(plain: object) -> None:
    with pytest.raises(ValueError, match="not a stored Identity"):
        decode(Identity, plain)


def test_a_record_is_made_from_a_dataclass_only() -> None:
    made = Locator("repos", "payments", "a")
    assert record_of(made) == encode(made)
    with pytest.raises(TypeError, match="from a dataclass"):
        record_of("text")
