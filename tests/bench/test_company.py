"""The large company's figures come of real runs, and a small one shows that they do."""

from __future__ import annotations

from pathlib import Path

from bench.company import measure_company


def test_a_small_company_is_judged_and_asked_about(tmp_path: Path) -> None:
    found = measure_company(tmp_path, people=120, credentials=150, places=400)
    assert (found.people, found.credentials, found.places) == (120, 150, 400)
    assert found.cases > 10
    assert (
        min(cost.peak_mb for cost in (found.first, found.again, found.night, found.relinked)) > 10
    )
    assert found.leaver_s[0] <= found.leaver_median_s <= found.leaver_s[-1]
    assert found.floor_s > 0
