"""The page carries hostile names as text, and asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from correlate.model import Coverage, CoverageState, Identity, LivenessState, PeopleSnapshot
from correlate.sla import PRESETS
from correlate.stored import RunRecord
from jobs.judge import judge_all
from jobs.report_data import collect
from jobs.report_html import render
from tests.correlate.cast import NOW, answer, author, exposure, snapshot
from tests.jobs.stage import COLLEAGUE, KINDS, LEAVER, fill, fresh_store

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{ 7 * 7 }}&amp;"
LOUD = {"script", "img", "iframe", "object", "embed", "link", "base", "form", "audio", "video"}


class Reader(HTMLParser):
    """Notes every tag and attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.fixture
def page(tmp_path: Path) -> str:
    store = fresh_store(tmp_path)
    people: PeopleSnapshot = snapshot(replace(LEAVER, name=f"Jane {EVIL}"), COLLEAGUE)
    places = (
        exposure(author("jane@x.example", "2025-02-01"), path=f"src/{EVIL}.py"),
        exposure(author(f"{EVIL}@x.example", "2025-02-01"), path="b.py"),
    )
    live = answer(LivenessState.LIVE, Identity("github", "janed"))
    fill(store, (replace(live, reason=EVIL, scopes=(EVIL,)),), people, places)
    judge_all(store, KINDS, NOW, 0)
    with store.transaction() as tx:
        tx.runs.save_run(RunRecord("run", "nightly", NOW, NOW, EVIL))
        tx.runs.replace_coverage("run", [Coverage(EVIL, EVIL, CoverageState.FAILED, reason=EVIL)])
    made = render(collect(store, KINDS, EVIL, [], NOW))
    store.close()
    return made


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_hostile_names_stand_there_as_text(page: str) -> None:
    assert "<script" not in page
    assert "onerror=alert" not in "".join(
        f"{n}={v}" for n, v in read(page).attributes if n != "title"
    )
    assert page.count("&lt;script&gt;alert(1)") >= 5
    assert "{{ 7 * 7 }}" in page.replace("&#39;", "'")


def test_nothing_on_the_page_acts_or_loads(page: str) -> None:
    reader = read(page)
    assert reader.tags & LOUD == set()
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    assert not [value for name, value in reader.attributes if name in ("src", "srcset", "data")]
    assert not [value for name, value in reader.attributes if name == "style"]
    assert "url(" not in page
    assert "@import" not in page
    for name, value in reader.attributes:
        assert name != "href" or value.startswith("#")


def test_its_policy_allows_the_one_style_sheet_inside_it_and_nothing_else(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [v for n, v in read(page).attributes if n == "content" and "default-src" in v]
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_what_is_odd_in_a_whole_feed_is_told_and_is_no_gap(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    part = Coverage("hr", "people", CoverageState.COMPLETE, 9, reason="odd rows: 2")
    with store.transaction() as tx:
        tx.runs.save_run(RunRecord("run", "nightly", NOW, NOW, "clean"))
        tx.runs.replace_coverage("run", [part])
    made = render(collect(store, KINDS, "Ours", [], NOW))
    store.close()
    assert "<td>odd rows: 2</td>" in made
    assert "Not everything was looked at" not in made


def test_a_gap_stands_at_the_top_and_an_empty_report_is_not_called_clean(
    page: str, tmp_path: Path
) -> None:
    assert "Not everything was looked at" in page
    store = fresh_store(tmp_path / "empty")
    empty = render(collect(store, KINDS, "Ours", [], NOW))
    store.close()
    assert "An empty report is not a clean one" in empty


def test_a_case_says_why_it_is_severe_by_when_it_is_due_and_who_waived_it(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (answer(LivenessState.LIVE, Identity("github", "janed")),))
    judge_all(store, KINDS, NOW, 0)
    made = collect(store, KINDS, "Acme", [], NOW, PRESETS["fedramp-high"])
    store.close()
    (row,) = made.cases
    shown = render(made)
    assert f"<dt>Why {row.severity}</dt><dd>{'; '.join(row.why_severe)}</dd>" in shown
    assert '2026-06-30 01:00 UTC <span class="tag critical">overdue</span>' in shown
    waived = replace(row, waived_until=NOW, exception="ex-1", waiver_approver="Anna (3)")
    page = render(replace(made, cases=(waived,)))
    assert "by exception <code>ex-1</code>, approved by Anna (3), renewed 0 times" in page
    by_hand = render(replace(made, cases=(replace(row, waived_until=NOW),)))
    assert "UTC, as a person resolved its ticket" in by_hand
