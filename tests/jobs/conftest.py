"""One company is built for all tests of the jobs; each works on a copy of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from sample_data.company import Company, build
from tests.jobs.town import Town, staged
from tests.services import program


@pytest.fixture(autouse=True, scope="session")
def one_child_a_source() -> Iterator[None]:
    """The tests share the processors already; who scans with several children asks for them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "cpu_count", lambda: 1)
        yield


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Company:
    return build(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="session")
def settled(built: Company, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with staged(built, tmp_path_factory.mktemp("settled") / "town") as town:
        town.night()
        town.remember()
        yield town


@pytest.fixture
def town(settled: Town) -> Town:
    """Return a company with Jira Cloud, after its first night, for a test to do its worst with."""
    settled.begin_again()
    return settled


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = program("chromium")
    nobody = "--host-resolver-rules=MAP * ~NOTFOUND"  # nothing leaves the machine, whatever fails
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=[nobody])
        yield made
        made.close()
