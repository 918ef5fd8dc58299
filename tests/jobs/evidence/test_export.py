"""A pack is ordered, the ledger says so first, and what is in it is what the store knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ledger_key import LedgerKey
from connectors.store_sql import SqlStore
from correlate.errors import ConfigError
from correlate.model import CoverageState, Identity, LivenessState, PersonId, Reader
from correlate.verdict import Embargo, Restriction
from jobs.evidence.verifier import verify
from jobs.judge import judge_all
from tests.correlate.cast import FP, NOW, answer, author, day, exposure, mail
from tests.jobs.evidence.conftest import LIVE, make_pack, run_of
from tests.jobs.stage import KINDS, fill, fresh_store, ledger

WHOLE = CoverageState.COMPLETE
READER = Reader(mail("omar@x.example"), "member of payments", day("2026-01-05"), day("2026-05-05"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    fill(made, (LIVE,))
    with made.transaction() as tx:
        tx.access.save_readers(("repos", "payments"), (READER,), NOW)
    judge_all(made, KINDS, NOW, 0)
    yield made
    made.close()


def records(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def test_a_pack_tells_of_each_credential_who_had_it_what_became_of_it_and_when(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    run_of(store, key, NOW, WHOLE)
    folder = tmp_path / "pack"
    made = make_pack(store, key, folder)
    assert verify(folder, key.public) == []
    assert (made.tally.leavers, made.tally.live, made.tally.covered) == (1, 1, 1.0)
    (row,) = records(folder, "credentials")
    assert (row["person"], row["state"], row["assurance"]) == ("1", "live", "observed")
    assert row["residual"] == "whoever holds it can use it"
    assert row["last_definite_answer"]["method"] == "GET"
    (case,) = row["cases"]
    assert (case["kind"], case["in_time"]) == ("F1", "no")
    assert case["due_at"][:10] == "2026-06-30"
    assert {"framework": "nist-800-53", "edition": "5", "id": "PS-4"} in case["controls"]
    access = {(one["person"], one["relation"]): one for one in records(folder, "access")}
    assert access["1", "owns"]["why"]
    told = access["2", "could_read"]
    assert (told["since"][:10], told["until"][:10]) == ("2026-01-05", "2026-05-05")
    assert told["why"] == "member of payments"
    happened = {one["what"] for one in records(folder, "happenings")}
    assert {"answer", "case", "departure"} <= happened
    assert {"run_end", "people"}.isdisjoint(happened)


def test_the_ledger_says_before_that_a_pack_is_made_and_after_which(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    make_pack(store, key, tmp_path / "pack")
    before, after = (json.loads(text) for text in ledger(store)[-2:])
    assert (before["what"], after["what"]) == ("export", "exported")
    assert after["data"]["digests"] in (tmp_path / "pack" / "signature.txt").read_text()
    size = len(ledger(store))
    with pytest.raises(ConfigError, match="already"):
        make_pack(store, key, tmp_path / "pack")
    assert [json.loads(text)["what"] for text in ledger(store)[size:]] == ["export"]
    assert not list(tmp_path.glob(".pack*"))


def test_a_pack_of_one_person_has_only_theirs(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    other = replace(FP, digest="0b" * 32)
    place = replace(
        exposure(author("omar@x.example", "2025-02-01"), path="b.py"), fingerprint=other
    )
    with store.transaction() as tx:
        tx.scans.save_exposures([place], NOW)
        said = answer(LivenessState.LIVE, Identity("github", "omar"))
        tx.scans.save_answer(other, place.kind, said)
    judge_all(store, KINDS, NOW, 0)
    make_pack(store, key, tmp_path / "one", period=None, who="jane@x.example")
    assert {row["credential"] for row in records(tmp_path / "one", "credentials")} == {"0a" * 8}
    make_pack(store, key, tmp_path / "all")
    assert {row["credential"] for row in records(tmp_path / "all", "credentials")} == {
        "0a" * 8, "0b" * 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("who", "words"), [("", "of a period"), ("omar@x.example", "No leave"), ("nobody@x", "Nobody")]
)
def test_a_pack_of_nobody_is_not_made(
    store: SqlStore, key: LedgerKey, tmp_path: Path, who: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        make_pack(store, key, tmp_path / "pack", period=None, who=who)
    assert not (tmp_path / "pack").exists()


def test_where_nothing_was_examined_the_pack_says_so(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    made = make_pack(store, key, tmp_path / "pack")
    assert "Nothing was examined in this period" in made.conclusion
    assert "Nothing was scanned in this period" in (tmp_path / "pack" / "index.html").read_text()
    run_of(store, key, NOW, WHOLE, CoverageState.FAILED)
    made = make_pack(store, key, tmp_path / "again")
    assert "nothing can be said of credentials that are not listed here" in made.conclusion


def test_what_died_is_told_with_its_proofs_and_by_what_it_was_late(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    for minutes in (5, 60):
        at = NOW + timedelta(minutes=minutes)
        fill(store, (replace(LIVE, state=LivenessState.DEAD, at=at),))
        judge_all(store, KINDS, at, 0)
    make_pack(store, key, tmp_path / "pack", at)
    (row,) = records(tmp_path / "pack", "credentials")
    assert (row["state"], row["residual"], row["cases"][0]["state"]) == ("rejected", "", "closed")
    assert len(row["cases"][0]["rejections"]) == 2
    assert row["cases"][0]["in_time"] == "no"


def test_nobody_under_an_embargo_is_in_any_file(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        until = NOW + timedelta(days=2)
        tx.sensitive.save_embargo(Embargo("e1", PersonId("1"), until, "hr", "asked", NOW))
    make_pack(store, key, tmp_path / "pack")
    for name in ("population", "credentials"):
        assert records(tmp_path / "pack", name) == []
    with pytest.raises(ConfigError, match="No leave"):
        make_pack(store, key, tmp_path / "one", period=None, who="jane@x.example")


def test_a_restricted_person_is_named_in_no_file(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    with store.transaction() as tx:
        said = Restriction(PersonId("1"), holds=True, by="hr", reason="asked", at=NOW)
        tx.sensitive.save_restriction(said)
    make_pack(store, key, tmp_path / "pack")
    for path in (tmp_path / "pack").iterdir():
        text = path.read_text()
        assert "Person 1" not in text, path.name
        assert "jane@x" not in text, path.name
    (row,) = records(tmp_path / "pack", "credentials")
    assert (row["person"], row["grounds"], row["cases"][0]["due_at"]) == ("restricted", [], None)


def test_a_pack_is_for_its_owner_only(store: SqlStore, key: LedgerKey, tmp_path: Path) -> None:
    make_pack(store, key, tmp_path / "pack")
    assert (tmp_path / "pack").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "pack").iterdir()} == {0o600}


def test_the_same_store_makes_the_same_records(
    store: SqlStore, key: LedgerKey, tmp_path: Path
) -> None:
    make_pack(store, key, tmp_path / "one")
    make_pack(store, key, tmp_path / "two")
    for name in ("population", "credentials", "access", "runs", "coverage"):
        assert records(tmp_path / "one", name) == records(tmp_path / "two", name)
