from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from correlate.errors import SourceError
from correlate.model import Document, Exposure, Locator, Medium, Skip
from correlate.ports import ScanUnit
from jobs.scan_child import Scanner, scanner_of
from jobs.scan_spec import spec_line
from jobs.wire import At, Done, from_line, to_line
from tests.jobs.scanning import PEPPER, big_repo, spec_of, token, units_of

HOME = Path(__file__).parent.parent.parent


def child(*lines: bytes) -> tuple[list[object], bytes]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "jobs.scan_child"],
        input=b"".join(lines),
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    return [from_line(line) for line in done.stdout.splitlines()], done.stdout + done.stderr


def test_a_child_answers_each_unit_to_its_end_without_plaintext(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r", files=2)
    spec = spec_of(tmp_path, repo.path)
    units = units_of(spec)
    answers, raw = child(spec_line(spec), *map(to_line, units))
    assert sum(isinstance(answer, Done) for answer in answers) == len(units)
    assert sum(isinstance(answer, Exposure) for answer in answers) == 2
    assert token(seed="0").encode() not in raw
    assert PEPPER.reveal().hex().encode() not in raw


def test_a_child_never_loads_the_heavy_libraries() -> None:
    code = (
        "import sys, jobs.scan_child, connectors.source_git;"
        "print([m for m in ('pandas', 'sqlalchemy', 'numpy', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HOME, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


class Fixed:
    """A source of given documents."""

    name = "code"

    def __init__(self, *documents: Document | Skip) -> None:
        self._documents = documents

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        yield from self._documents
        if unit.payload == "break":
            raise SourceError("short", where="x", why="cut off", fix="again")


def test_skips_pass_through_and_are_no_items(tmp_path: Path) -> None:
    scanner = scanner_of(spec_of(tmp_path))
    skip = Skip("code", "c", "2", "too odd")
    text = Document(Locator("code", "c", "1"), token().encode() + b"\n", Medium.FILE)
    fixed = Scanner(Fixed(text, skip), scanner.detector, PEPPER, scanner.redactor)  # type: ignore[arg-type]  # in part
    before, exposure, after, same, done = fixed.scan(ScanUnit("code", "c", 0))
    assert (before, after) == (At("1"), At("")), "who is to blame is told before a look and after"
    assert isinstance(exposure, Exposure)
    assert same == skip
    assert isinstance(done, Done)
    assert (done.items, done.bytes) == (("1",), 41)


def test_a_torn_spec_ends_the_child() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "jobs.scan_child"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    assert done.returncode
    assert io.BytesIO(done.stdout).read() == b""
