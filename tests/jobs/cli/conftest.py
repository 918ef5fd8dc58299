"""One demo, run once; the commands that only look are tried on what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from jobs.cli.main import invoke


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@dataclass(frozen=True, slots=True)
class Desk:
    """Runs commands as a person would, with the demo's configuration."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> Shown:
        self.capture.readouterr()
        code = invoke(["--config", str(self.folder / "offkey.toml"), *words])
        said = self.capture.readouterr()
        return Shown(code, said.out, said.err)


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "company"
    assert invoke(["--quiet", "demo", "--folder", str(folder)]) == 0
    return folder


@pytest.fixture
def desk(demo_folder: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(demo_folder, capsys)
