"""The ledger's chain shows any change, wherever it was made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlate.evidence import GENESIS, canonical, chained, first_break
from correlate.verdict import LedgerEntry
from tests.correlate.cast import NOW


def chain(count: int) -> list[tuple[str, str]]:
    entries, previous = [], GENESIS
    for number in range(count):
        text = canonical(LedgerEntry(NOW, "probe", f"credential {number}", {"b": 1, "a": "é"}))
        previous = chained(previous, text)
        entries.append((text, previous))
    return entries


def test_canonical_text_is_sorted_and_tight() -> None:
    text = canonical(LedgerEntry(NOW, "w", "s", {"b": 1, "a": "é"}))
    assert text == (
        '{"at":"2026-11-20T09:00:00+00:00","data":{"a":"é","b":1},"subject":"s","what":"w"}'
    )


@given(st.integers(1, 8), st.data())
def test_any_change_breaks_the_chain_where_it_was_made(count: int, data: st.DataObject) -> None:
    entries = chain(count)
    assert first_break(entries) is None
    index = data.draw(st.integers(0, count - 1))
    text, digest = entries[index]
    changed = [*entries[:index], (text + " ", digest), *entries[index + 1 :]]
    assert first_break(changed) == index
    removed = [*entries[:index], *entries[index + 1 :]]
    assert first_break(removed) == (index if index < count - 1 else None)
