"""The page of a pack, opened in a real browser: whatever stands in its records is shown, and does nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from correlate.assurance import Tally
from jobs.evidence.about import About
from jobs.evidence.gather import Gathered
from jobs.evidence.page import page
from tests.correlate.cast import NOW
from tests.jobs.browsing import proven_inert
from tests.jobs.evidence.conftest import YEAR
from tests.jobs.hostile_texts import TEXTS, innocent

ALL = " ".join(TEXTS)
_CUT = re.compile(
    r"\d{4}-\d\d-\d\dT.*|[0-9a-f]{24}"
)  # instants and keys of cases are shown cut short
EXCEPTION = {
    "exception": "ex", "credential": "x", "state": "x", "why": "x", "asked_by": "x",
    "asked_at": NOW.isoformat(), "reason": "x", "approved_by": "x", "approved_at": NOW.isoformat(),
    "policy": "x", "expires_at": NOW.isoformat(), "used_by": "x", "renewals": 0,
}  # fmt: skip
ABOUT = About("x", "x", YEAR, "x", NOW, "x", ("x",), "x", (), 0.95)


def filled(value: Any, text: str) -> Any:
    """Return a record all of whose texts are one, but for those that a page cuts short."""
    if isinstance(value, str):
        return value if _CUT.fullmatch(value) else text
    if isinstance(value, list):
        return [filled(one, text) for one in value] or value
    if isinstance(value, dict):
        return {key: filled(one, text) for key, one in value.items()}
    return value


def records(folder: Path) -> dict[str, list[Any]]:
    held = {
        path.stem: [json.loads(line) for line in path.read_text().splitlines()]
        for path in folder.glob("*.jsonl")
    }
    held["exceptions"] = [EXCEPTION]
    return held


@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without"])
def test_a_hostile_text_in_a_record_is_shown_and_does_nothing(
    browser: Browser, held: tuple[Path, str], tmp_path: Path, policy: bool
) -> None:
    rows = {name: filled(found, ALL) for name, found in records(held[0]).items()}
    carried = {**rows["credentials"][0], "reference": "nobody's"}
    rows["credentials"] = [*rows["credentials"], carried]
    made = Gathered(rows, Tally(1, 1, 1, 1, 1, 0), ALL, {ALL: 1})
    about = replace(ABOUT, organisation=ALL, version=ALL, person=ALL, head=ALL, keys=(ALL,))
    hashes = {ALL: ALL}
    meant = page(innocent(about), innocent(made), innocent(hashes))
    proven_inert(browser, tmp_path, meant, page(about, made, hashes), policy=policy)
