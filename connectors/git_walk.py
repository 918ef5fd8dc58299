"""The walk over all that a repository's refs lead to, made once for two questions.

Planning asks it what is not there; tracing, minutes later, where each object came in. What it
printed waits in a file of ours, which holds for as long as every ref stands where it stood.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from connectors.git_command import Git, last_words
from correlate.errors import SourceError

# Each object once, behind the first commit that has it, no commit before its parents.
ORDER = ("--objects", "--in-commit-order", "--date-order", "--reverse", "--missing=print")
_MOST_MB = 1024  # names of folders within folders can be made to fill any disk


@dataclass(frozen=True, slots=True)
class KeptWalk:
    """Where the walk of one repository is kept: files that begin with `path`."""

    git: Git
    path: Path

    @contextlib.contextmanager
    def going(self) -> Iterator[Callable[[], str]]:
        """Walk beside whatever the caller does meanwhile, and keep what is printed.

        What it gives waits for the end of the walk and returns in words what is not there, ""
        for a history that is whole. An object that is gone stands in no list, and nobody would
        miss it.
        """
        half, kept = self._file(f"{os.getpid()}.half"), self._now()
        for old in self.path.parent.glob(f"{self.path.name}.*.walk"):
            old.unlink()
        with tempfile.TemporaryFile() as stderr:
            with half.open("wb") as out:
                process = self._start(out, stderr, ORDER)

            def missing() -> str:
                if process.wait() == -signal.SIGXFSZ:
                    return self._missing_only()
                with half.open("rb") as lines:
                    told = _told(process.returncode, lines, stderr)
                if not process.returncode and kept is not None:
                    half.rename(kept)
                return told

            try:
                yield missing
            finally:
                process.kill()
                process.wait()
                half.unlink(missing_ok=True)

    def lines(self) -> IO[bytes] | None:
        """Open what the walk printed; None where it was not kept or a ref has moved since."""
        kept = self._now()
        try:
            return None if kept is None else kept.open("rb")
        except FileNotFoundError:
            return None

    def _missing_only(self) -> str:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as stderr:
            process = self._start(out, stderr, ("--objects", "--missing=print", "--quiet"))
            process.wait()
            out.seek(0)
            return _told(process.returncode, out, stderr)

    def _start(
        self, out: IO[bytes], stderr: IO[bytes], order: Sequence[str]
    ) -> subprocess.Popen[bytes]:
        return self.git.start(
            *("rev-list", "--all", *order),
            stdin=subprocess.DEVNULL,
            stdout=out.fileno(),
            stderr=stderr,
            file_mb=_MOST_MB,
        )

    def _now(self) -> Path | None:
        """The file of a walk from where the refs stand now; None where they lead nowhere."""
        try:
            refs = self.git.run("show-ref", "--head")
        except SourceError:
            return None
        return self._file(f"{hashlib.sha256(refs).hexdigest()[:32]}.walk")

    def _file(self, end: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{end}")


def _told(status: int, lines: IO[bytes], stderr: IO[bytes]) -> str:
    stderr.seek(0)
    if status:
        return f"its history cannot be walked to the end: {last_words(stderr.read())}"
    lost = [line[1:13].decode() for line in lines if line.startswith(b"?")]
    if not lost:
        return ""
    return f"objects of its history are missing: {len(lost)}, {lost[0]} among them"
