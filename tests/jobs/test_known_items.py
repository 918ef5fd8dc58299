from __future__ import annotations

from pathlib import Path

from jobs.known_items import Known
from tests.jobs.stage import fresh_store


def test_items_scanned_under_the_ruleset_are_known_wherever_they_stand(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        tx.scans.mark_scanned("rules", ["a", "b"])
    known = Known(store, "code", "rules")
    assert list(known.unknown("repo", ["c", "b", "a", "d"])) == ["c", "d"]
    assert known.shared == [("repo", ["b", "a"])]
    assert known.asked == {"repo"}
    assert list(Known(store, "code", "other").unknown("repo", ["a"])) == ["a"]


def test_a_container_is_unchanged_in_the_same_state_under_the_same_rules(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    first = Known(store, "code", "rules")
    assert not first.unchanged("repo", "state 1")
    assert first.changed() == {"repo": "rules state 1"}
    with store.transaction() as tx:
        tx.scans.save_whole_scans("code", first.changed())
    again = Known(store, "code", "rules")
    assert again.unchanged("repo", "state 1")
    assert again.asked == {"repo"}
    assert again.changed() == {}
    assert not Known(store, "code", "rules").unchanged("repo", "state 2")
    assert not Known(store, "code", "newer rules").unchanged("repo", "state 1")
    assert not Known(store, "other", "rules").unchanged("repo", "state 1")
