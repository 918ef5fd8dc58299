"""The figures in each form; what is not known is said."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from correlate.survival import Quantile
from jobs.cli.metrics import told, within
from tests.jobs.cli.conftest import Desk
from tests.jobs.test_prometheus_file import EMPTY, MADE


def test_each_form_says_the_same(desk: Desk) -> None:
    plain = json.loads(desk.run("metrics", "--format", "json").out)
    shown = desk.run("metrics")
    exposed = desk.run("metrics", "--format", "prometheus").out
    live = plain["shares"]["live"]
    assert shown.code == 0
    assert f"{live} live" in shown.out
    assert f'offkey_leaver_credentials{{state="live"}} {live}.0' in exposed
    assert f"{plain['shares']['unknown']} more are not known" in shown.out
    assert plain["coverage_share"] == 1
    assert plain["estimator"].startswith("Kaplan-Meier")


def test_no_form_names_anybody(desk: Desk) -> None:
    people = json.loads(desk.run("report", "--format", "json").out)
    names = {row["name"] for row in people["leavers"]} | {
        row["person"] for row in people["leavers"]
    }
    marks = {row["fingerprint"] for row in people["cases"]}
    for form in ("text", "json", "prometheus"):
        words = set(desk.run("metrics", "--format", form).out.replace('"', " ").split())
        assert not words & (names | marks)


def test_there_must_be_a_file_to_publish_to(desk: Desk) -> None:
    shown = desk.run("metrics", "--publish")
    assert (shown.code, shown.out) == (2, "")
    assert "metrics.prometheus_file" in shown.err


def test_it_publishes_to_the_configured_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "offkey.prom"
    monkeypatch.setenv("OFFKEY_METRICS__PROMETHEUS_FILE", str(target))
    shown = desk.run("metrics", "--publish")
    assert (shown.code, f"wrote {target}" in shown.err) == (0, True)
    assert target.read_text(encoding="utf-8").startswith("# HELP")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Quantile(None, 3.0, None), "not yet"),
        (Quantile(2.04, 1.0, None), "within 2.0 days (95 %: 1.0 to open)"),
    ],
)
def test_a_quantile_comes_with_its_limits(found: Quantile, words: str) -> None:
    assert within(found) == words


def test_nothing_is_called_good_where_nothing_is_known() -> None:
    lines = "\n".join(told(replace(EMPTY, deadlines={})))
    assert "live        not known of" in lines
    assert "none are set" in lines
    assert "coverage    not known" in lines
    stale = replace(MADE, shares=replace(MADE.shares, unconfirmed=1))
    assert "1 of the live were not confirmed" in "\n".join(told(stale))
