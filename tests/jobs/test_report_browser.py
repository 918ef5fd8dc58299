"""The report, opened in a real browser: what stands in a repository is shown, and does nothing.

A page of hostile texts is held against the page of innocent words that is otherwise the same: the
same elements with the same attributes, the same letters, nothing run and nobody asked. Each is
opened as it is, and with its policy switched off: the escaping alone suffices.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from correlate.kind import Kind
from correlate.model import Coverage, CoverageState, Exposure, Identity, Locator, Medium, Touch
from correlate.stored import RunRecord
from jobs import page, report_html
from jobs.judge import judge_all
from jobs.report_data import collect
from jobs.report_rows import Report, UnattributedRow, WatchRow
from tests.correlate.cast import NOW, answer, author, exposure, snapshot
from tests.jobs.browsing import opened, proven_inert
from tests.jobs.hostile_texts import TEXTS, innocent
from tests.jobs.stage import COLLEAGUE, KIND, LEAVER, fill, fresh_store


def places() -> Iterator[Exposure]:
    """Yield a place for each text: its container, path, part and branch, its author's name and handle."""
    for number, text in enumerate(TEXTS):
        made = exposure(path=text)
        assert made.trace is not None
        place = Locator("repos", text, f"{number:040x}", part=text, line=number)
        who = Touch(Identity("mail", f"{text}@x.example"), "author", NOW, text)
        jane = author("jane@x.example", "2025-02-01")
        trace = replace(made.trace, locator=place, introduced=(jane, who))
        yield replace(made, locator=place, medium=Medium.NOTEBOOK_OUTPUT, trace=trace)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Return the report of a company all of whose texts are hostile, as the store gives it."""
    all_of_them = " ".join(TEXTS)
    kinds: dict[Any, Kind] = {KIND.id: replace(KIND, name=all_of_them)}
    store = fresh_store(tmp_path_factory.mktemp("hostile"))
    live = replace(answer(), reason=all_of_them, scopes=TEXTS)
    people = snapshot(replace(LEAVER, name=all_of_them), COLLEAGUE)
    fill(store, (live,), people, tuple(places()))
    judge_all(store, kinds, NOW, 0)
    with store.transaction() as tx:
        tx.runs.save_run(RunRecord("run", "nightly", NOW, NOW, all_of_them))
        parts = [Coverage(text, text, CoverageState.FAILED, reason=text) for text in TEXTS]
        tx.runs.replace_coverage("run", parts)
    made = collect(store, kinds, all_of_them, [], NOW)
    store.close()
    return made


def of(row: Any, text: str) -> Any:
    """Return a row of a report all of whose texts are one."""
    held = {part.name: getattr(row, part.name) for part in fields(row)}
    told = {name: text for name, value in held.items() if type(value) is str}
    lists = {name: (text,) for name, value in held.items() if isinstance(value, tuple)}
    return replace(row, **told, **lists)


def filled(report: Report, texts: tuple[str, ...]) -> Report:
    """Return the report with rows of each sort for each text, in every place that takes a text."""
    case, leaver, line = report.cases[0], report.leavers[0], report.lifelines[0]
    watch = WatchRow(leaver.person, "", "", "", "", "", ())
    nobodys = UnattributedRow("", "", "", "", (), ())
    return replace(
        report,
        organisation=" ".join(texts),
        run_outcome=" ".join(texts),
        cases=tuple(of(case, text) for text in texts),
        leavers=tuple(of(leaver, text) for text in texts),
        leaving=tuple(of(leaver, text) for text in texts),
        watches=tuple(of(watch, text) for text in texts),
        lifelines=tuple(replace(line, name=text, credential=text) for text in texts),
        coverage=tuple(of(report.coverage[0], text) for text in texts),
        unattributed=tuple(of(nobodys, text) for text in texts),
        unresolved=texts,
    )


@pytest.fixture(params=["the company", "every row"])
def report(request: pytest.FixtureRequest, company: Report) -> Report:
    return company if request.param == "the company" else filled(company, TEXTS)


@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without"])
def test_a_hostile_text_is_shown_and_does_nothing(
    browser: Browser, report: Report, tmp_path: Path, policy: bool
) -> None:
    plain = report_html.render(innocent(report))
    proven_inert(browser, tmp_path, plain, report_html.render(report), policy=policy)


IMAGE = "<img src=x onerror=canary(1)>"
SLIPS = {  # what a template says, and what gets through where it forgets to escape that
    "part.reason": IMAGE,
    "row.name": IMAGE,
    "row.note": IMAGE,
    "row.credential": IMAGE,
    "place": IMAGE,
    "ground": IMAGE,
    "reader": IMAGE,
    "path": IMAGE,
    "identity": IMAGE,
    "row.severity": '" onmouseover=canary(1) x="',
    "report.organisation": "</title><script>canary(1)</script>",
}


@pytest.mark.parametrize("expression", SLIPS)
def test_one_place_that_forgets_to_escape_is_noticed(
    browser: Browser,
    company: Report,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    expression: str,
) -> None:
    folder = shutil.copytree(page._FOLDER, tmp_path / "templates")
    template = folder / "report.html.j2"
    before = template.read_text(encoding="utf-8")
    after = before.replace(f"{{{{ {expression} }}}}", f"{{{{ {expression} | safe }}}}")
    assert after != before
    template.write_text(after, encoding="utf-8")
    made = filled(company, (SLIPS[expression],))
    whole = opened(browser, tmp_path, report_html.render(made), policy=False, quiet=False)
    monkeypatch.setattr(page, "_FOLDER", folder)
    torn = opened(browser, tmp_path, report_html.render(made), policy=False, quiet=False)
    assert (whole.ran, whole.asked) == ([], [])
    assert 1 in torn.ran
    assert torn.elements != whole.elements
    guarded = opened(browser, tmp_path, report_html.render(made), policy=True, quiet=False)
    assert guarded.ran == []
