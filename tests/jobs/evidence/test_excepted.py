"""A pack shows each exception on its credentials, and none on others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from connectors.ledger_key import LedgerKey
from correlate.exception import ExceptionStep, Move, Terms
from correlate.model import PersonId
from jobs.evidence.verifier import verify
from jobs.exception_book import record
from jobs.judge import judge_all
from tests.correlate.cast import FP, NOW, snapshot, worker
from tests.jobs.evidence.conftest import LIVE, make_pack
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, fill, fresh_store

TERMS = Terms(FP, None, "RISK-7", "2", NOW + timedelta(days=30), service="the till")
OTHER = replace(TERMS, fingerprint=replace(FP, digest="0f" * 32))


def test_who_asked_who_approved_and_what_became_of_it_is_shown(
    tmp_path: Path, key: LedgerKey
) -> None:
    store = fresh_store(tmp_path)
    fill(store, (LIVE,), snapshot(LEAVER, COLLEAGUE, worker("3", "anna@x.example")))
    judge_all(store, KINDS, NOW, 0)
    with store.transaction() as tx:
        for name, terms in (("ex-1", TERMS), ("ex-2", OTHER)):
            record(tx, ExceptionStep(name, Move.ASKED, PersonId("2"), "needed", NOW, terms), terms)
        record(tx, ExceptionStep("ex-1", Move.APPROVED, PersonId("3"), "fine", NOW), TERMS)
    judge_all(store, KINDS, NOW, 0)
    make_pack(store, key, tmp_path / "pack")
    (line,) = (tmp_path / "pack" / "exceptions.jsonl").read_text().splitlines()
    row = json.loads(line)
    assert (row["exception"], row["state"], row["renewals"]) == ("ex-1", "valid", 0)
    assert (row["asked_by"], row["approved_by"]) == ("Person 2 (2)", "Person 3 (3)")
    assert (row["policy"], row["used_by"]) == ("RISK-7 2", "the till")
    assert len(row["ledger_entries"]) == 2
    held = json.loads((tmp_path / "pack" / "credentials.jsonl").read_text())
    assert (held["assurance"], held["cases"][0]["state"]) == ("waived", "waived")
    assert verify(tmp_path / "pack", key.public) == []
    store.close()
