from __future__ import annotations

from pathlib import Path

import pytest

from correlate.errors import ConfigError
from correlate.model import CoverageState, Truth
from jobs.scan_path import PathScan, scan_path
from jobs.scan_pool import UnitOutcome
from tests.connectors.gitrepo import Repo
from tests.jobs.scanning import token


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def told(scan: PathScan) -> list[tuple[str, str]]:
    return sorted((e.kind, e.trace.path) for e in scan.exposures if e.trace is not None)


def test_a_repository_is_scanned_with_its_history_and_its_files(
    tmp_path: Path, cache: Path
) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"gone.txt": token("gitlab_pat") + "\n", "held.txt": token() + "\n"})
    repo.commit({"gone.txt": None})
    (repo.path / "new.txt").write_text(token("slack_bot_token"))
    seen: list[UnitOutcome] = []
    scan = scan_path(repo.path, cache=cache, workers=1, on_outcome=seen.append)
    assert told(scan) == [
        ("gitlab_pat", "gone.txt"),
        ("npm_token", "held.txt"),
        ("slack_bot_token", "new.txt"),
    ]
    assert {e.kind: e.trace.at_tip for e in scan.exposures if e.trace} == {
        "gitlab_pat": Truth.NO,
        "npm_token": Truth.YES,
        "slack_bot_token": Truth.YES,
    }
    assert [part.state for part in scan.coverage] == [CoverageState.COMPLETE] * 2
    assert [part.items for part in scan.coverage] == [4, 2]
    assert len(seen) == 2


def test_a_plain_folder_is_scanned(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.env").write_text(f"X=1\nTOKEN={token()}\n")
    scan = scan_path(tmp_path, cache=cache, workers=1)
    assert told(scan) == [("npm_token", "sub/a.env")]
    assert scan.exposures[0].locator.line == 2


def test_the_same_secret_has_the_same_fingerprint_within_a_scan_only(
    tmp_path: Path, cache: Path
) -> None:
    (tmp_path / "a").write_text(token())
    (tmp_path / "b").write_text(token())
    first = scan_path(tmp_path, cache=cache, workers=1)
    again = scan_path(tmp_path, cache=cache, workers=1)
    assert len(first.exposures) == 2
    assert len({e.fingerprint for e in first.exposures}) == 1
    assert {e.fingerprint for e in first.exposures} != {e.fingerprint for e in again.exposures}


def test_what_was_not_examined_is_told(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "big").write_bytes(b"\0" * (33 << 20))
    scan = scan_path(tmp_path, cache=cache, workers=1)
    assert scan.coverage[0].state is CoverageState.INCOMPLETE
    assert scan.coverage[0].skipped == 1
    assert scan.coverage[0].reason == "33 MiB, above max_file_mb"


def test_a_path_that_does_not_exist_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        scan_path(tmp_path / "nowhere")


def test_repositories_below_a_folder_are_scanned_with_their_history(
    tmp_path: Path, cache: Path
) -> None:
    one, two = Repo(tmp_path / "all/one"), Repo(tmp_path / "all/deep/two")
    one.commit({"a.txt": token("gitlab_pat")})
    one.commit({"a.txt": None})
    two.commit({"b.txt": token()})
    two.commit({"b.txt": None})
    (tmp_path / "all/c.txt").write_text(token("slack_bot_token"))
    scan = scan_path(tmp_path / "all", cache=cache, workers=1)
    places = {str(e.kind): e.locator.container for e in scan.exposures}
    assert places["gitlab_pat"] == "all/one"
    assert places["npm_token"] == "all/deep/two"
    assert len(places) == 3
    assert [part.state for part in scan.coverage] == [CoverageState.COMPLETE] * 2


def test_a_bare_repository_is_its_history_only(tmp_path: Path, cache: Path) -> None:
    repo = Repo(tmp_path / "r")
    repo.commit({"a.txt": token()})
    scan = scan_path(repo.path / ".git", cache=cache, workers=1)
    assert told(scan) == [("npm_token", "a.txt")]
    assert [part.source for part in scan.coverage] == ["git"]
