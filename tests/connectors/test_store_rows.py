"""What is stored as text is read as it was, and what may not be stored is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.store_rows import dumped, loaded
from correlate.codec import encode
from correlate.model import Exposure, Identity, Liveness, LivenessState, Touch
from correlate.secret import Secret
from tests.correlate.cast import NOW, author, exposure

EAST = timezone(timedelta(hours=5, minutes=30))
TEXTS = st.text(max_size=20) | st.sampled_from(
    ("T10:00:00", "2026-01-01T10:00:00", "2026-01-01T10:00:00+02:00", "2026-01-01T10:00:00.5-00:00")
)
INSTANTS = st.datetimes(timezones=st.sampled_from((UTC, EAST)))


@given(TEXTS, TEXTS, INSTANTS)
def test_a_text_is_read_as_what_it_was_made_of(name: str, commit: str, at: datetime) -> None:
    touch = Touch(Identity("mail", name), "author", at, name, commit)
    text = dumped(touch)
    assert loaded(Touch, text) == touch
    plain = msgspec.json.decode(text)
    assert plain.keys() == encode(touch, whole=True).keys()  # type: ignore[union-attr]
    assert datetime.fromisoformat(plain["at"]).utcoffset() == timedelta()


def test_mappings_of_any_sort_are_written_sorted() -> None:
    one = exposure(author("ann@x.example", "2026-01-01"))
    both = [
        Exposure(one.fingerprint, one.kind, one.locator, one.medium, facts=facts)
        for facts in ({"b": "2", "a": "1"}, MappingProxyType({"a": "1", "b": "2"}))
    ]
    assert dumped(both[0]) == dumped(both[1])
    assert loaded(Exposure, dumped(both[1])) == both[0]


@dataclass(frozen=True)
class Holder:
    secret: object


@pytest.mark.parametrize(
    "value",
    [
        Secret("s3cret"),
        Holder(Secret("s3cret")),
        Holder([Secret("s3cret")]),
        Holder(object()),
        Liveness(LivenessState.LIVE, NOW.replace(tzinfo=None), "yes"),
    ],
    ids=["secret", "in a field", "in a list", "foreign", "naive"],
)
def test_what_has_no_stored_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dumped(value)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="not a stored Touch"):
        loaded(Touch, '{"identity": 1}')
