"""The page on AI projects, opened in a real browser: names and paths are shown, and do nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from correlate.ai_audit import Window
from correlate.ai_means import Layer, Means
from correlate.ai_project import AiProject, Role
from correlate.model import Truth
from jobs.ai_audit import Changed, ProjectAudit
from jobs.page import render_page
from tests.correlate.cast import FP, NOW
from tests.jobs.browsing import proven_inert
from tests.jobs.hostile_texts import TEXTS, innocent

ALL = " ".join(TEXTS)
WINDOW = Window(NOW - timedelta(days=30), NOW, NOW)
WHOLE = ProjectAudit(
    AiProject(ALL, (ALL,)),
    (ALL,),
    tuple(Changed(ALL, ALL, could, tuple(Role), NOW, (ALL,)) for could in (Truth.YES, Truth.UNKNOWN)),
    (Means(FP, ALL, ALL, Truth.YES, Truth.YES, ALL, ALL, places=(ALL,), knew=(ALL,)),),
    (Layer(ALL, ALL, (ALL,), (ALL,)),),
    (ALL,),
)  # fmt: skip


@pytest.mark.parametrize("policy", [True, False], ids=["with its policy", "without"])
def test_a_hostile_text_in_an_audit_is_shown_and_does_nothing(
    browser: Browser, tmp_path: Path, policy: bool
) -> None:
    def shown(audit: ProjectAudit) -> str:
        return render_page("audit_ai.html.j2", audits=[audit], window=WINDOW)

    proven_inert(browser, tmp_path, shown(innocent(WHOLE)), shown(WHOLE), policy=policy)
