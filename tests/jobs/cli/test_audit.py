"""The audit in each form: the same people, hostile names as text, and no day before the first."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from correlate.ai_audit import Window
from correlate.ai_means import Means, layers
from correlate.ai_project import AiProject, Role
from correlate.model import Truth
from jobs.ai_audit import Changed, ProjectAudit
from jobs.cli.audit import formatted
from tests.correlate.cast import FP, NOW, day
from tests.jobs.cli.conftest import Desk
from tests.jobs.test_report_html import EVIL, LOUD, read

WINDOW = Window(day("2026-01-01"), NOW, NOW)
PERSON = Changed("1", "Jane", Truth.YES, (Role.PROMPTS,), day("2026-06-30"), ("author of a",))
MEANS = Means(
    FP, "Some token", "issuer", Truth.YES, Truth.YES, "opens it", owner="Jane", owner_left=True
)
MADE = ProjectAudit(
    AiProject("bot", ("repos:bot",)), ("repos:bot",), (PERSON,), (MEANS,),
    layers([MEANS], 1, ["it was rejected"], {"case": 1}, 1), ("a part was not read",),
)  # fmt: skip


def test_each_form_tells_of_the_same_people(desk: Desk) -> None:
    plain = json.loads(desk.run("audit", "ai", "--since", "2025-01-01", "--format", "json").out)
    project = next(one for one in plain["projects"] if one["project"]["name"] == "forecasts")
    names = {row["name"] for row in project["people"] if row["could"] == "yes"}
    assert len(project["layers"]) == 4
    assert {"Maya Fontaine", "Yusuf Demir"} <= names
    shown = desk.run("audit", "ai", "--since", "2025-01-01", "--project", "forecasts")
    page = desk.run("audit", "ai", "--since", "2025-01-01", "--format", "html").out
    assert all(name in shown.out and name in page for name in names)
    assert "inferred" in page
    assert "inferred" not in shown.out
    assert shown.code == 1  # a leaver could


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--project", "nothing"), "No such project"),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "no stretch of time"),
        (("--since", "yesterday"), "does not match the format"),
    ],
)
def test_what_cannot_be_answered_is_refused(desk: Desk, words: tuple[str, ...], why: str) -> None:
    shown = desk.run("audit", "ai", *words)
    assert (shown.code, shown.out) == (2, "")
    assert why in shown.err


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_all_of_an_answer_is_told(form: str) -> None:
    text = formatted([MADE], WINDOW, form)
    for word in (
        "Jane",
        "2026-06-30",
        "author of a",
        "opens it",
        "it was rejected",
        "a part was not read",
    ):
        assert word in text
    for layer in MADE.layers:
        assert all(part in text.replace("&#39;", "'") for part in (layer.name, *layer.bad))


def test_of_nothing_nobody_is_cleared() -> None:
    assert "nothing that was found looks like one" in formatted([], WINDOW, "html")
    empty = replace(MADE, people=(), credentials=(), layers=layers([], 0, [], {}, 0))
    page = formatted([empty], WINDOW, "html")
    assert "clears nobody" in page
    assert page.count("not seen</span>") == 4


def test_hostile_names_are_text_on_the_page() -> None:
    evil = replace(
        MADE,
        project=AiProject(EVIL, (EVIL,), inferred=True),
        places=(EVIL,),
        people=(replace(PERSON, name=EVIL, reasons=(EVIL,)),),
        credentials=(replace(MEANS, places=(EVIL,), knew=(EVIL,), reason=EVIL),),
        gaps=(EVIL,),
    )
    page = formatted([evil], WINDOW, "html")
    reader = read(page)
    assert "<script" not in page
    assert reader.tags & LOUD == set()
    assert not [name for name, _ in reader.attributes if name.startswith("on") or name == "style"]
    assert page.count("&lt;script&gt;alert(1)") >= 6
