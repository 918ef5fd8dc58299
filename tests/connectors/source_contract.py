"""What every source must do, the in-memory twin included."""

from __future__ import annotations

from dataclasses import replace

from correlate.model import Document, Skip
from correlate.ports import ScanUnit, Source
from tests.twins.source import NothingKnown


def read(source: Source) -> tuple[list[Document], list[Skip]]:
    found: list[Document] = []
    skips: list[Skip] = []
    for unit in source.units(NothingKnown()):
        for item in [unit] if isinstance(unit, Skip) else source.documents(unit):
            if isinstance(item, Skip):
                skips.append(item)
            else:
                found += [item] if isinstance(item, Document) else list(item.documents())
    return found, skips


class SourceContract:
    """Subclasses give the fixture `source`, which holds at least one document."""

    def test_every_item_has_a_place_of_its_own(self, source: Source) -> None:
        found, skips = read(source)
        places = [one.locator for one in found]
        assert len(places) == len(set(places)) > 0
        assert {place.source for place in places} | {s.source for s in skips} == {source.name}
        assert all(place.line == 0 for place in places)

    def test_the_same_read_twice_is_the_same(self, source: Source) -> None:
        assert read(source) == read(source)

    def test_a_place_is_read_again_as_it_was_found(self, source: Source) -> None:
        for one in read(source)[0]:
            again = source.reread(one.locator)
            assert isinstance(again, Document)
            assert (again.locator, again.data, again.medium) == (one.locator, one.data, one.medium)

    def test_a_place_that_is_gone_is_a_skip_with_a_reason(self, source: Source) -> None:
        one = read(source)[0][0]
        gone = source.reread(replace(one.locator, item="no-such-item.ipynb"))
        assert isinstance(gone, Skip)
        assert gone.reason

    def test_hits_can_be_traced(self, source: Source) -> None:
        places = [one.locator for one in read(source)[0]]
        assert [trace.locator for trace in source.trace(places)] == places

    def test_units_name_the_source_and_differ(self, source: Source) -> None:
        units = [u for u in source.units(NothingKnown()) if isinstance(u, ScanUnit)]
        assert {unit.source for unit in units} == {source.name}
        assert len({(unit.container, unit.number) for unit in units}) == len(units)
