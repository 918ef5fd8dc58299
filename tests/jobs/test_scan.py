"""The step that scans: what is new is read once, what failed is counted, the rest goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.model import Coverage, CoverageState, PersonId
from detectors.mint import mint
from jobs.config import parse
from jobs.kind_files import packaged_kinds
from jobs.progress import Silent
from jobs.scan import ScanReport, rescan_places, scan_sources
from jobs.wiring import Wiring
from tests.connectors.gitrepo import Repo
from tests.correlate.cast import NOW, snapshot
from tests.jobs.stage import COLLEAGUE, LEAVER, fresh_store, ledger

KINDS = packaged_kinds()
NPM = next(kind for kind in KINDS if kind.id == "npm_token")
FIRST, SECOND = mint(NPM, "first"), mint(NPM, "second")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path / "store")
    yield made
    made.close()


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    shop = Repo(tmp_path / "shop")
    shop.commit({"a.txt": f"token = {FIRST}\n", "b.txt": "nothing\n"}, "jane@x.example")
    shutil.copytree(shop.path, tmp_path / "fork")
    config = {
        "organisation": {"pepper": {"env": "PEPPER"}, "state": "state"},
        "sources": [
            {"type": "git", "name": "code", "repositories": ["shop", "fork"], "root": "."},
            {"type": "notebooks", "name": "books", "path": "books"},
        ],
    }
    config["sources"][0]["repositories"] = [str(tmp_path / "shop"), str(tmp_path / "fork")]  # type: ignore[index]  # a list
    config["sources"][0]["root"] = str(tmp_path)  # type: ignore[index]  # a list
    (tmp_path / "books").mkdir()
    return Wiring(parse(config, tmp_path / "offkey.toml", {"PEPPER": "x" * 64}), KINDS)


def scan(wiring: Wiring, store: SqlStore) -> ScanReport:
    return scan_sources(wiring, store, NOW, Silent())


def places(store: SqlStore) -> set[tuple[str, str]]:
    with store.transaction() as tx:
        return {
            (place.locator.container, place.trace.path if place.trace else "")
            for place in tx.scans.exposures()
        }


def states(report: ScanReport) -> dict[str, CoverageState]:
    return {part.container or part.source: part.state for part in report.coverage}


def test_what_two_containers_share_is_read_once_and_found_in_both(
    wiring: Wiring, store: SqlStore, tmp_path: Path
) -> None:
    (tmp_path / "fork").rename(tmp_path / "later")
    assert scan(wiring, store).items == 3  # two blobs and a commit
    (tmp_path / "later").rename(tmp_path / "fork")
    report = scan(wiring, store)
    assert (report.items, report.problems) == (0, ())
    assert places(store) == {("shop", "a.txt"), ("fork", "a.txt")}
    assert all(FIRST not in entry for entry in ledger(store))


def test_only_what_is_new_is_read_again(wiring: Wiring, store: SqlStore, tmp_path: Path) -> None:
    scan(wiring, store)
    assert scan(wiring, store).items == 0
    shop = tmp_path / "shop"
    (shop / "c.txt").write_text(f"other = {SECOND}\n")
    repo = Repo.__new__(Repo)
    repo.path = shop
    repo.commit({"d.txt": "more\n"}, "jane@x.example")
    report = scan(wiring, store)
    assert report.items == 3  # two blobs and a commit
    assert ("shop", "c.txt") in places(store)


@pytest.mark.parametrize(("lost", "left"), [("shop", "fork"), ("fork", "shop")])
def test_a_container_that_is_gone_is_a_gap_and_the_others_are_read(
    wiring: Wiring, store: SqlStore, tmp_path: Path, lost: str, left: str
) -> None:
    shutil.rmtree(tmp_path / lost)
    report = scan(wiring, store)
    assert states(report)[lost] is CoverageState.INCOMPLETE
    assert states(report)[left] is CoverageState.COMPLETE
    assert places(store) == {(left, "a.txt")}


def test_a_source_that_fails_is_counted_and_the_others_go_on(
    wiring: Wiring, store: SqlStore, tmp_path: Path
) -> None:
    (tmp_path / "books").rmdir()
    report = scan(wiring, store)
    lost = [part for part in report.coverage if part.state is not CoverageState.COMPLETE]
    assert [part.source for part in lost] == ["books"]
    assert all(isinstance(part, Coverage) and part.reason for part in lost)
    assert ("shop", "a.txt") in places(store)


def test_a_persons_places_are_scanned_by_themselves(
    wiring: Wiring, store: SqlStore, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        tx.people.save_snapshot(snapshot(LEAVER, COLLEAGUE))
    scan(wiring, store)
    jane = PersonId("1")
    assert rescan_places(wiring, store, jane, NOW, Silent())
    repo = Repo.__new__(Repo)
    repo.path = tmp_path / "shop"
    repo.commit({"e.txt": f"again = {SECOND}\n"}, "omar@x.example")
    assert rescan_places(wiring, store, jane, NOW, Silent())
    assert ("shop", "e.txt") in places(store)
    shutil.rmtree(tmp_path / "shop")
    assert not rescan_places(wiring, store, jane, NOW, Silent())
    assert rescan_places(wiring, store, PersonId("nobody"), NOW, Silent())
