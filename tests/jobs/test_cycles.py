"""The collector is off for as long as it is asked to be, and only then."""

from __future__ import annotations

import gc

import pytest

from jobs.cycles import no_cycles


@no_cycles()
def fail() -> None:
    assert not gc.isenabled()
    raise LookupError


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_is_as_before_whatever_happens(was_on: bool) -> None:
    on = gc.isenabled()
    (gc.enable if was_on else gc.disable)()
    try:
        with pytest.raises(LookupError):
            fail()
        assert gc.isenabled() is was_on
    finally:
        (gc.enable if on else gc.disable)()
