"""What earlier scans looked at, as a source asks for it while it plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from correlate.ports_store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """`KnownItems` over the store, for one source and ruleset.

    `shared` collects what other containers' scans found in shared items; `asked` are the
    containers that were listed whole or need no listing; `states` theirs, as far as they tell.
    """

    store: Store
    source: str
    ruleset: str
    shared: list[tuple[str, list[str]]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    states: dict[str, str] = field(default_factory=dict)
    whole: dict[str, str] = field(default_factory=dict)  # of earlier scans, read at first use

    def unchanged(self, container: str, state: str) -> bool:
        """Return whether the container was scanned whole in this state, under this ruleset."""
        if not self.whole:
            with self.store.transaction() as tx:
                self.whole.update(tx.scans.whole_scans(self.source))
        mark = f"{self.ruleset} {state}"
        self.states[container] = mark
        same = self.whole.get(container) == mark
        if same:
            self.asked.add(container)
        return same

    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:
        """Return those of the items not scanned yet, in any container."""
        with self.store.transaction() as tx:
            new = tx.scans.unscanned(self.ruleset, items)
        self.asked.add(container)
        fresh = set(new)
        self.shared.append((container, [item for item in items if item not in fresh]))
        return new

    def changed(self) -> Mapping[str, str]:
        """Return the states that are not the remembered ones."""
        return {name: mark for name, mark in self.states.items() if self.whole.get(name) != mark}
