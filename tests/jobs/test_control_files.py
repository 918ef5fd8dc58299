"""The catalogues and the mapping that come with offkey hold together."""

from __future__ import annotations

from pathlib import Path

import pytest

from correlate.crosswalk import Cited, Fault
from correlate.errors import ConfigError
from correlate.verdict import CaseKind
from jobs.control_files import our_crosswalk, our_mapping, read_mapping

WALK, MAPPING = our_crosswalk(), our_mapping()


def test_our_own_mapping_has_no_fault_and_every_kind_of_case_has_a_row() -> None:
    assert WALK.lint(one for row in MAPPING.rows.values() for one in row) == []
    assert set(MAPPING.rows) == {*CaseKind, "evidence"}
    wanted = {cited.framework for cited in MAPPING.rows["F1"]}
    for name, row in MAPPING.rows.items():
        assert wanted <= {cited.framework for cited in row}, name
        assert len(row) == len(set(row))


def test_what_is_often_cited_stands_for_ids_that_are_right() -> None:
    for row in MAPPING.known:
        newest = max(WALK.editions(row.cited.framework))
        assert row.means
        assert WALK.lint(Cited(row.cited.framework, newest, name) for name in row.means) == []


def test_the_catalogue_of_csf_is_one_that_knows_what_is_withdrawn() -> None:
    new, old = WALK.catalogues["nist-csf", "2.0"], WALK.catalogues["nist-csf", "1.1"]
    assert tuple(map(int, new.version.split("."))) >= (1, 2, 0)
    assert sum("-" in name for name in new.controls) == 106
    assert sum("-" in name for name in old.controls) == 108
    assert not set(new.controls) & set(new.withdrawn)
    assert {to for ids in new.withdrawn.values() for to in ids} <= set(new.controls)
    assert all(new.spelled(name) for name in old.controls)


def test_every_catalogue_names_its_source_and_version() -> None:
    for item in WALK.catalogues.values():
        assert item.source.startswith("https://")
        assert item.version
        assert item.controls


@pytest.mark.parametrize("title", ["PR.AC-4", "PR.AC-04"])
def test_pr_ac_4_is_no_id_of_csf_2(title: str) -> None:
    (found,) = WALK.lint([Cited("nist-csf", "2.0", title)])
    assert found.fault in (Fault.OTHER_EDITION, Fault.MOVED)
    assert found.instead == ("PR.AA-05",)


@pytest.mark.parametrize("text", ["x", "kinds = 3", "[editions]\n[kinds]\nF1 = 3", "[kinds.F1]\nx = ['a']"])  # fmt: skip
def test_a_mapping_that_is_none_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"m\.toml"):
        read_mapping(path)
