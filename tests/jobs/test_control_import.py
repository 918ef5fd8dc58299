"""Mappings that others wrote: exactly the planted errors are found, whatever the form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from correlate.crosswalk import Fault
from correlate.errors import ConfigError
from jobs.control_files import our_crosswalk
from jobs.control_import import read_references

WALK = our_crosswalk()
TOML = """
[editions]
nist-csf = "2.0"
owasp-nhi = "2025"
[kinds.mine]
nist-csf = ["PR.AA-01", "PR.AC-4", {id = "PR.AC-4", edition = "1.1"}]
owasp-nhi = [{id = "NHI3:2025", title = "Lifecycle and rotation"}, {id = "NHI2:2025", title = "Secret Leakage"}]
"""
CSV = """framework,edition,id,title
nist-csf,2.0,PR.AC-4,
nist-csf,2.0,PR.AA-05,anything
nist-800-53,5,AC-2(10),Shared and Group Account Credential Change
nist-800-53,5,AC-2(3),Disable Accounts
iso-27001,2022,5.18,Return of assets
pci-dss,4.0,99.9,
"""
CATALOGUE: dict[str, Any] = {
    "catalog": {
        "metadata": {"title": "Electronic Version of NIST SP 800-53 Rev 5.1.1 Controls"},
        "groups": [{"controls": [
            {"id": "ac-2", "title": "Account Management", "controls": [
                {"id": "ac-2.3", "title": "Enable Accounts"},
                {"id": "ac-2.10", "title": "Old", "props": [{"name": "status", "value": "withdrawn"}]},
            ]},
            {"id": "ac-13", "title": "Supervision and Review"},
        ]}],
    }
}  # fmt: skip
PROFILE: dict[str, Any] = {
    "profile": {
        "metadata": {"title": "Our profile"},
        "imports": [{"href": "#u", "include-controls": [{"with-ids": ["PR.AC-04", "PR.AA-01"]}]}],
        "back-matter": {"resources": [{"uuid": "u", "rlinks": [{"href": "../CSF/v2.0/c.json"}]}]},
    }
}
PROWLER: dict[str, Any] = {
    "Framework": "NIST-CSF",
    "Version": "2.0",
    "Requirements": [
        {"Id": "ac_4", "Name": "PR.AC-4"},
        {"Id": "rr_1", "Name": "GV.RR-1"},
        {"Id": "aa_1", "Name": "PR.AA-01"},
    ],
}
PROWLER_53: dict[str, Any] = {
    "Framework": "NIST-800-53-Revision-5",
    "Version": "",
    "Requirements": [
        {"Id": "ac_2_3", "Name": "AC-2(3) Disable Accounts"},
        {"Id": "ac_13", "Name": "Supervision and Review"},
    ],
}


@pytest.mark.parametrize(
    ("name", "content", "planted"),
    [
        ("a.toml", TOML, {("PR.AC-4", Fault.OTHER_EDITION), ("NHI3:2025", Fault.MISTITLED)}),
        ("a.csv", CSV, {
            ("PR.AC-4", Fault.OTHER_EDITION), ("AC-2(10)", Fault.MOVED), ("5.18", Fault.MISTITLED),
            ("99.9", Fault.UNLISTED),
        }),
        ("c.json", CATALOGUE, {("ac-2.3", Fault.MISTITLED), ("ac-13", Fault.MOVED)}),
        ("p.json", PROFILE, {("PR.AC-04", Fault.MOVED)}),
        ("w.json", PROWLER, {("PR.AC-4", Fault.OTHER_EDITION), ("GV.RR-1", Fault.MISSPELT)}),
        ("w53.json", PROWLER_53, {("ac_13", Fault.MOVED)}),
    ],
)  # fmt: skip
def test_exactly_the_planted_errors_are_found(
    name: str, content: Any, planted: set[tuple[str, Fault]], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    found = WALK.lint(read_references(path, WALK))
    assert {(row.cited.id, row.fault) for row in found} == planted
    assert len(found) == len(planted)
    assert all(row.cited.where.startswith(name) for row in found)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "framework,id\nx,y"), ("a.csv", ""), ("a.json", "[]"), ("a.json", "{}"),
        ("a.json", "{"), ("a.json", '{"catalog": 3}'), ("a.json", '{"Requirements": []}'),
        ("a.json", '{"profile": {"metadata": {"title": "x"}, "imports": 3}}'), ("a.json", "[" * 100_000),
    ],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="mapping of controls"):
        read_references(path, WALK)
