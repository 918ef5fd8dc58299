"""A source in memory. Passes the same contract as the real adapters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from correlate.errors import SourceError
from correlate.model import Document, Locator, Medium, Skip, Trace, Truth
from correlate.ports import KnownItems, ScanUnit


class NothingKnown:
    """Knows no item: everything is new."""

    def unchanged(self, container: str, state: str) -> bool:
        return f"{container}{state}" == ""

    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:
        return [f"{container}{item}"[len(container) :] for item in items]


@dataclass(slots=True)
class SourceTwin:
    """`texts` holds container and item; `gone` containers are Skips, `short` ones end early."""

    name: str = "twin"
    texts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    traces: Mapping[tuple[str, str], Trace] = field(default_factory=dict)
    medium: Medium = Medium.FILE
    gone: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:
        containers = sorted({container for container, _ in self.texts} | self.gone)
        for number, container in enumerate(containers):
            if container in self.gone:
                yield Skip(self.name, container, "", "the container is gone")
                continue
            items = [item for place, item in self.texts if place == container]
            new = known.unknown(container, items)
            yield ScanUnit(self.name, container, number, "\x00".join(new), len(new))

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        for item in unit.payload.split("\x00") if unit.payload else []:
            yield self.reread(Locator(self.name, unit.container, item))
        if unit.container in self.short:
            raise SourceError("cut", where=unit.container, why="a short read", fix="run again")

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        for locator in locators:
            if (locator.container, locator.item) in self.texts:
                yield self._trace(locator)

    def reread(self, locator: Locator) -> Document | Skip:
        place = Locator(self.name, locator.container, locator.item)
        data = self.texts.get((locator.container, locator.item))
        if data is None:
            return Skip(self.name, locator.container, locator.item, "it is gone")
        return Document(place, data, self.medium, self._trace(place))

    def _trace(self, locator: Locator) -> Trace:
        known = self.traces.get((locator.container, locator.item))
        return known or Trace(locator, locator.item, at_tip=Truth.YES, reachable=Truth.YES)
