from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import detectors
from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.model import LivenessState
from detectors.kind_check import SELF_JUDGING
from jobs.kind_files import load_kind_file, load_kinds, packaged_kinds

FOLDER = Path(detectors.__file__).parent / "kinds"
KINDS = packaged_kinds()


@pytest.fixture(scope="module")
def files() -> dict[Path, tuple[Kind, ...]]:
    return {path: load_kind_file(path) for path in FOLDER.glob("*.toml")}


def test_ids_are_unique_and_every_file_is_one_issuers(files: dict[Path, tuple[Kind, ...]]) -> None:
    ids = [kind.id for kinds in files.values() for kind in kinds]
    assert len(ids) == len(set(ids)) == len(KINDS)
    for kinds in files.values():
        assert len({kind.issuer for kind in kinds}) == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.id))
def test_every_kind_names_its_sources_and_how_it_is_revoked(kind: object) -> None:
    found = next(item for item in KINDS if item is kind)
    assert found.source.startswith("https://")
    assert found.revoke_hint or found.grade == "generic"
    survival = found.survival
    if survival.when_disabled != "unknown" or survival.note:  # what is stated is stated by somebody
        assert survival.note.endswith(".")
        assert found.survival.source.startswith("https://")
        assert date.fromisoformat(found.survival.as_of)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS if kind.verification and kind.verification.via not in SELF_JUDGING],
    ids=lambda kind: str(kind.id),
)
def test_death_is_said_only_by_an_answer_with_a_status_that_rejects(kind: object) -> None:
    rule = next(item for item in KINDS if item is kind).verification
    assert rule is not None
    states = [answer.state for answer in rule.answers]
    assert LivenessState.LIVE in states
    doubts = [a for a in rule.answers if a.state is LivenessState.UNKNOWN and 401 in a.statuses]
    assert LivenessState.DEAD in states or doubts  # some issuers' refusal has other reasons, too
    for answer in rule.answers:
        if answer.state is LivenessState.DEAD:
            # npm's rejection has no body to go by
            assert answer.statuses
            assert answer.body or answer.contains or "npmjs" in rule.host
            assert not set(answer.statuses) & {429, 500, 502, 503, 504}


def test_no_issuers_tokens_are_written_out(files: dict[Path, tuple[Kind, ...]]) -> None:
    for kinds in files.values():
        for kind in kinds:
            assert "{" in kind.example


def test_a_teams_own_kind_is_read_and_takes_the_place_of_ours(tmp_path: Path) -> None:
    own = (FOLDER / "npm.toml").read_text().replace("npm access token", "our npm token")
    (tmp_path / "own.toml").write_text(own)
    kinds = {kind.id: kind for kind in load_kinds([tmp_path])}
    assert len(kinds) == len(KINDS)
    assert [kind.name for kind in kinds.values() if kind.issuer == "npm"] == ["our npm token"]


def test_a_missing_folder_or_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_kinds([tmp_path / "nowhere"])
    with pytest.raises(ConfigError):
        load_kind_file(tmp_path / "nowhere.toml")
    (tmp_path / "odd.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError):
        load_kind_file(tmp_path / "odd.toml")
