"""The ledger's figures come of a real ledger, and a small one shows that they do."""

from __future__ import annotations

from pathlib import Path

from bench.ledger import measure_ledger


def test_a_small_ledger_is_filled_proved_and_checked(tmp_path: Path) -> None:
    found = measure_ledger(tmp_path, 2500)
    assert found.entries == 2500
    assert min(found.append_s, found.append_cpu_s, found.floor_s, found.check_s) > 0
    for proofs in (found.warm, found.cold):
        for spread in (proofs.wall, proofs.cpu):
            assert 0 < spread.median <= spread.p99 <= spread.worst
