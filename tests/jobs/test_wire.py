from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.model import (
    Exposure,
    Finding,
    Identity,
    KindId,
    Locator,
    Medium,
    Reader,
    Skip,
    Touch,
    Trace,
    Truth,
)
from correlate.ports import ScanUnit
from correlate.secret import Fingerprint, Secret
from jobs.wire import At, Done, Failed, Line, from_line, to_line

TEXT = st.text(max_size=20)
EARLIEST, LATEST = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001  # as asked for
AT = st.none() | st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC))
PLACE = st.builds(Locator, TEXT, TEXT, TEXT, TEXT, st.integers(0))
IDENTITY = st.builds(Identity, TEXT, TEXT)
TRACE = st.builds(
    Trace,
    PLACE,
    TEXT,
    st.lists(st.builds(Touch, IDENTITY, TEXT, AT, TEXT, TEXT), max_size=2).map(tuple),
    st.lists(st.builds(Reader, IDENTITY, TEXT, AT, AT), max_size=2).map(tuple),
    st.sampled_from(Truth),
    st.sampled_from(Truth),
    TEXT,
)
LINES = st.one_of(
    st.builds(
        Exposure,
        st.builds(Fingerprint, TEXT, TEXT),
        TEXT.map(KindId),
        PLACE,
        st.sampled_from(Medium),
        st.dictionaries(TEXT, TEXT, max_size=2),
        TEXT,
        st.none() | TRACE,
        st.lists(TEXT, max_size=2).map(tuple),
        AT,
        AT,
    ),
    st.builds(Skip, TEXT, TEXT, TEXT, TEXT, st.booleans()),
    st.builds(
        Done,
        st.lists(TEXT, max_size=3).map(tuple),
        st.integers(0),
        st.floats(0, 1e6),
        st.dictionaries(TEXT, st.integers(0), max_size=2),
    ),
    st.builds(At, TEXT),
    st.builds(Failed, TEXT),
    st.builds(ScanUnit, TEXT, TEXT, st.integers(0), TEXT, st.integers(0), st.integers(0)),
)


@given(LINES)
def test_every_line_comes_back_as_it_was(value: Line) -> None:
    line = to_line(value)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert from_line(line) == value


def test_a_secret_has_no_line() -> None:
    finding = Finding(KindId("k"), Secret("s"), Locator("", "", ""), Medium.FILE)
    odd: Any = finding
    with pytest.raises(TypeError, match="no serialised form"):
        to_line(odd)


@pytest.mark.parametrize(
    "line",
    [b"", b"3", b"[]", b"{}", b'{"Secret":{}}', b'{"Skip":{"source":1}}', b'{"Done', b"\xff"],
)
def test_any_other_line_is_refused(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of whatever sort
        from_line(line)
