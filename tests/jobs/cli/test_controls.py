"""`offkey controls`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobs.cli.main import invoke
from jobs.outcome import Exit


def test_our_own_mapping_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["controls", "lint"]) == Exit.CLEAN
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("nist-csf,2.0,PR.AC-4,", Exit.FINDINGS),
        ("nist-csf,2.0,PR.AA-05,", Exit.CLEAN),
        ("pci-dss,4.0,99.9,", Exit.INCOMPLETE),
    ],
)
def test_the_exit_code_tells_wrong_from_not_known(
    row: str, code: Exit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"framework,edition,id,title\n{row}\n", encoding="utf-8")
    assert invoke(["controls", "lint", str(path)]) == code
    assert ("cite PR.AA-05" in capsys.readouterr().out) == (code is Exit.FINDINGS)
    assert invoke(["controls", "lint", str(path), "--format", "json"]) == code
    made = json.loads(capsys.readouterr().out)
    assert len(made["complaints"]) == (code is not Exit.CLEAN)


def test_a_kind_shows_its_controls_as_cited_and_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert invoke(["controls", "show", "F1"]) == Exit.CLEAN
    assert "PR.AA-05 (cited as PR.AC-4, CSF 1.1)" in capsys.readouterr().out
    assert invoke(["controls", "show", "evidence", "--format", "json"]) == Exit.CLEAN
    made = json.loads(capsys.readouterr().out)
    assert {"framework", "edition", "as_cited", "canonical", "title"} <= set(made["controls"][0])
    assert invoke(["controls", "show", "F99"]) == Exit.USAGE
