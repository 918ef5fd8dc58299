"""Step: read issuers' own lists, key their hints, and keep what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from correlate.errors import OffkeyError, SourceError
from correlate.evidence import digest_of
from correlate.inventory import fallen, keyed, merged
from correlate.listed import InventoryRow, InventorySnapshot
from correlate.model import Coverage, CoverageState, Skip
from correlate.ports import Inventory
from correlate.ports_store import Store
from correlate.secret import Fingerprint, Pepper, Secret
from correlate.verdict import LedgerEntry
from jobs.outcome import Problem, problem
from jobs.scan import detector_for
from jobs.scan_names import redactor
from jobs.wiring import Wiring

STEP = "inventory"


@dataclass(frozen=True, slots=True)
class InventoryReport:
    """What came of the lists."""

    coverage: tuple[Coverage, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every list was read to its end."""
        return all(part.state is CoverageState.COMPLETE for part in self.coverage)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where rows are kept, and how. `harmless` blots credentials out of names: people paste them
    there. From one list at most `max_vanished` rows, or a fifth of all, may be gone at once.
    """

    store: Store
    pepper: Pepper
    harmless: Callable[[str], str]
    max_vanished: int


def inventory_step(wiring: Wiring, store: Store, now: datetime) -> InventoryReport:
    """Read every configured issuer's own lists."""
    inventories = wiring.inventories()
    if not inventories:
        return InventoryReport()
    names = redactor(detector_for(wiring), wiring.kinds)
    limit = wiring.config.policy.max_vanished_rows
    keeper = Keeper(store, wiring.config.pepper(), names.text, limit)
    return read_inventories(inventories, keeper, now)


def read_inventories(
    inventories: Iterable[Inventory], keeper: Keeper, now: datetime
) -> InventoryReport:
    """Read every list and keep its rows; no plaintext hint gets into the store.

    A list that fails, or that lost too many rows at once, is counted as not covered: what it
    lacks counts as still there.
    """
    coverage: list[Coverage] = []
    problems: list[Problem] = []
    for inventory in inventories:
        try:
            taken = inventory.snapshot(now)
        except OffkeyError as error:
            reason = f"{error.what}: {error.why}"
            coverage.append(Coverage(inventory.name, "", CoverageState.FAILED, reason=reason))
            problems.append(problem(STEP, inventory.name, error))
            continue
        taken, refused = _keep(keeper, taken)
        problems += [problem(STEP, inventory.name, error) for error in refused]
        coverage += _covered(taken)
    return InventoryReport(tuple(coverage), tuple(problems))


def _keep(keeper: Keeper, taken: InventorySnapshot) -> tuple[InventorySnapshot, list[SourceError]]:
    taken = replace(taken, rows=tuple(_stored(row, keeper) for row in taken.rows))
    errors = []
    with keeper.store.transaction() as tx:
        before = tx.inventory.listed(taken.source)
        for container, (gone, of) in fallen(before, taken, keeper.max_vanished).items():
            errors.append(_fell(taken.source, container, gone, of))
            taken = _without(taken, container, errors[-1].why)
        tx.inventory.save_listed(merged(before, taken, lambda row: _mark(row, keeper.pepper)))
        facts = {
            "rows": len(taken.rows),
            "lists": len(taken.listed),
            "gaps": len(taken.gaps),
            "digest": digest_of(sorted((one.container, one.row_id) for one in taken.rows)),
        }
        tx.runs.append(LedgerEntry(taken.taken_at, "inventory", taken.source, facts))
    return taken, errors


def _stored(row: InventoryRow, keeper: Keeper) -> InventoryRow:
    clean = keeper.harmless
    return replace(
        keyed(row, keeper.pepper),
        name=clean(row.name),
        owner_name=clean(row.owner_name),
        scopes=tuple(map(clean, row.scopes)),
    )


def _mark(row: InventoryRow, pepper: Pepper) -> Fingerprint:
    place = f"{row.source}\x00{row.container}\x00{row.row_id}"
    return pepper.fingerprint("listed", Secret(place))


def _fell(source: str, container: str, gone: int, of: int) -> SourceError:
    return SourceError(
        "A list lost too many rows at once",
        where=f"{source}: {container}",
        why=f"{gone} of {of} rows are gone",
        fix="check our login's rights; if they were really revoked, run once with "
        f"OFFKEY_POLICY__MAX_VANISHED_ROWS={gone}",
    )


def _without(taken: InventorySnapshot, container: str, why: str) -> InventorySnapshot:
    listed = tuple(name for name in taken.listed if name != container)
    return replace(taken, listed=listed, gaps=(*taken.gaps, Skip(taken.source, container, "", why)))


def _covered(taken: InventorySnapshot) -> Iterator[Coverage]:
    for name in taken.listed:
        count = sum(1 for row in taken.rows if row.container == name)
        yield Coverage(taken.source, name, CoverageState.COMPLETE, count)
    for gap in taken.gaps:
        yield Coverage(
            taken.source, gap.container, CoverageState.INCOMPLETE, skipped=1, reason=gap.reason
        )
