from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jobs.rules import RuleFiles
from jobs.scan_spec import spec_from_line, spec_line
from tests.jobs.scanning import spec_of


def test_a_spec_comes_back_as_it_was_and_shows_no_pepper(tmp_path: Path) -> None:
    spec = replace(
        spec_of(tmp_path, tmp_path / "r"),
        rules=RuleFiles((tmp_path / "kinds",), (tmp_path / "pack.toml",)),
        tell_dropped=True,
    )
    again = spec_from_line(spec_line(spec))
    assert again.pepper.reveal() == spec.pepper.reveal()
    assert replace(again, pepper=spec.pepper, workers=spec.workers) == spec
    assert spec.pepper.reveal().hex() not in repr(spec)


def test_only_referenced_variables_travel(tmp_path: Path) -> None:
    environ = {"TOKEN": "one", "OTHER": "two"}
    spec = replace(spec_of(tmp_path), environ=environ)
    assert spec_from_line(spec_line(spec)).environ == {}
    by_name = replace(spec, table={"token": {"env": "TOKEN"}})
    assert spec_from_line(spec_line(by_name)).environ == {"TOKEN": "one"}
    by_command = replace(spec, table={"token": {"cmd": ["vault"]}})
    assert spec_from_line(spec_line(by_command)).environ == environ
