from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET  # our own text

from bench.checks import Checks
from bench.company import Company
from bench.history import FLOOR, OURS, PLAIN, Row
from bench.ledger import Ledger, Proofs, Spread
from bench.measure import Cost
from bench.nights import Night
from bench.repositories import Measured
from bench.table import Results, as_json, markdown, picture

RESULTS = Results(
    "a machine",
    [Measured("repo & co", Path("/r"), 1000, 500.0, 600.0)],
    [
        Row("repo & co", FLOOR, Cost(1.0, 1.0, 100), None),
        Row("repo & co", PLAIN, Cost(2.0, 2.0, 100), None),
        Row("repo & co", OURS, Cost(3.0, 4.0, 300), 7),
        Row("repo & co", "kingfisher", Cost(12.0, 14.0, 400), 9),
        Row("repo & co", "credsweeper", Cost(70.0, 80.0, 500), 99, "files of the tip only"),
    ],
    [Night("second night", 2.5, 8.0, 0)],
    {"offkey --help": 80.0},
    ["detect-secrets"],
)


def test_the_table_names_every_figure_and_the_ratios() -> None:
    text = markdown(RESULTS)
    assert "| offkey scan | 3.00 s | 4.00 s | 300 MB | 7 | 167 | 125 |" in text
    assert "offkey's wall time is 0.25 of kingfisher's." in text
    assert f"offkey's CPU is 2.00 times that of `{PLAIN}`." in text
    assert f"offkey's CPU is 4.00 times that of `{FLOOR}`." in text
    assert "Not installed, so not measured: detect-secrets." in text
    assert "| second night | 2.5 ms a repository | 8.0 ms a repository | 0 |" in text
    assert "| offkey --help | 80 ms |" in text


def test_the_picture_is_well_formed_and_its_bars_are_in_proportion() -> None:
    root = ET.fromstring(picture(RESULTS))  # noqa: S314
    bars = [
        float(rect.get("width", "0"))
        for rect in root.iter("{http://www.w3.org/2000/svg}rect")
        if rect.get("height") == "18"
    ]
    assert len(bars) == 4
    assert bars[3] == max(bars)
    assert round(bars[3] / bars[2]) == 4


def test_json_holds_everything() -> None:
    plain = json.loads(as_json(RESULTS))
    assert len(plain["rows"]) == 5
    assert plain["nights"][0]["own_ms"] == 2.5


def test_what_asking_costs_is_shown_where_it_was_measured() -> None:
    assert "Asking issuers" not in markdown(RESULTS)
    told = markdown(replace(RESULTS, checks=Checks(5000, 1.875, 0.2, 12.3)))
    assert "| 5,000 | 1.88 ms | 0.20 ms | 12.3 s |" in told


def test_what_a_large_company_costs_is_shown_where_it_was_measured() -> None:
    assert "large company" not in markdown(RESULTS)
    costs = Cost(9.0, 8.0, 500), Cost(6.0, 5.0, 400), Cost(6.6, 5.5, 420), Cost(7.5, 6.5, 450)
    made = Company(9, 8, 70, 6, *costs, 3.0, (0.5, 0.7, 0.9))
    told = markdown(replace(RESULTS, company=made))
    assert "9 people, 8 credentials in 70 places; 6 cases." in told
    assert "| linking everybody, judging all, writing it | 9.0 s | 8.0 s | 500 MB | 3.0 |" in told
    assert "| judging all again | 6.0 s | 5.0 s | 400 MB | 2.0 |" in told
    assert "are new, and judging all | 6.6 s | 5.5 s | 420 MB | 2.2 |" in told
    assert "| linking everybody and judging all again | 7.5 s | 6.5 s | 450 MB | 2.5 |" in told
    assert "takes 0.70 s (median of 3, at most 0.90 s)" in told


def test_what_the_ledger_costs_is_shown_where_it_was_measured() -> None:
    assert "The ledger" not in markdown(RESULTS)
    warm = Proofs(Spread(1.0, 8.0, 90.0), Spread(0.9, 2.0, 3.0))
    cold = Proofs(Spread(4.0, 9.0, 80.0), Spread(1.5, 2.5, 3.5))
    told = markdown(replace(RESULTS, ledger=Ledger(1_000_000, 30.0, 25.0, 10.0, warm, cold, 9.0)))
    assert "| 30.0 s | 25.0 s | 10.0 s | 3.0 | 9.0 s |" in told
    assert "read before | 1.0 ms | 8.0 ms | 90.0 ms | 0.9 ms | 2.0 ms | 3.0 ms |" in told
    assert "just opened | 4.0 ms | 9.0 ms | 80.0 ms | 1.5 ms | 2.5 ms | 3.5 ms |" in told
