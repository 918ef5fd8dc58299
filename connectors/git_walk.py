"""The walk over all that a repository's refs lead to, made once for two questions.

Planning asks it what is not there; tracing, minutes later, where each object came in. What it
printed is kept for that, and holds for as long as every ref stands where it stood.
"""

from __future__ import annotations

import contextlib
import hashlib
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from connectors.git_command import Git, last_words
from correlate.errors import SourceError

# Each object once, behind the first commit that has it, no commit before its parents.
ORDER = ("--objects", "--in-commit-order", "--date-order", "--reverse", "--missing=print")
_MOST_KEPT = 64  # walks: each holds a file open
_MOST_MB = 1024  # names of folders within folders can be made to fill any disk


class Walks:
    """What walks printed, by repository, each with where the refs stood: in files without a name,
    since paths may hold secrets. They go with their holder; the oldest go first.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, IO[bytes]]] = {}

    def keep(self, name: str, refs: str, out: IO[bytes]) -> None:
        """Keep a file, which is closed with this."""
        while len(self._kept) >= _MOST_KEPT:
            self.forget(next(iter(self._kept)))
        self._kept[name] = refs, out

    def get(self, name: str, refs: str) -> IO[bytes] | None:
        """Return the file of a repository whose refs stand there still."""
        kept = self._kept.get(name)
        return kept[1] if kept is not None and kept[0] == refs else None

    def forget(self, name: str) -> None:
        """Close what is kept of a repository."""
        if name in self._kept:
            self._kept.pop(name)[1].close()

    def __len__(self) -> int:
        return len(self._kept)

    def __del__(self) -> None:
        """Close all: they belong to nobody else."""
        for name in list(self._kept):
            self.forget(name)


@dataclass(frozen=True, slots=True)
class KeptWalk:
    """The walk of the repository called `name`, kept in `walks`."""

    git: Git
    name: str
    walks: Walks

    @contextlib.contextmanager
    def going(self) -> Iterator[Callable[[], str]]:
        """Walk beside whatever the caller does meanwhile, and keep what is printed.

        What it gives waits for the end of the walk and returns in words what is not there, ""
        for a history that is whole. An object that is gone stands in no list, and nobody would
        miss it.
        """
        refs, out = self._refs(), tempfile.TemporaryFile()  # noqa: SIM115  # kept, or closed below
        self.walks.forget(self.name)
        with tempfile.TemporaryFile() as stderr:
            process = self._start(out, stderr, ORDER)

            def missing() -> str:
                if process.wait() == -signal.SIGXFSZ:
                    return self._missing_only()
                out.seek(0)
                told = _told(process.returncode, out, stderr)
                if not process.returncode and refs:
                    self.walks.keep(self.name, refs, out)
                return told

            try:
                yield missing
            finally:
                process.kill()
                process.wait()
                if self.walks.get(self.name, refs) is not out:
                    out.close()

    def lines(self) -> IO[bytes] | None:
        """Return what the walk printed; None where it was not kept or a ref has moved since."""
        out = self.walks.get(self.name, self._refs())
        if out is not None:
            out.seek(0)
        return out

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

    def _refs(self) -> str:
        """A digest of where all refs stand; "" where they lead nowhere."""
        try:
            return hashlib.sha256(self.git.run("show-ref", "--head")).hexdigest()
        except SourceError:
            return ""


def _told(status: int, lines: IO[bytes], stderr: IO[bytes]) -> str:
    stderr.seek(0)
    if status:
        return f"its history cannot be walked to the end: {last_words(stderr.read())}"
    lost = [line[1:13].decode() for line in lines if line.startswith(b"?")]
    if not lost:
        return ""
    return f"objects of its history are missing: {len(lost)}, {lost[0]} among them"
