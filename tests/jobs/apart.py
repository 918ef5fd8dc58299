"""offkey and the vendors as processes of their own, so that one may die and the other not notice."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from sample_data.company import Company
from sample_data.configuration import write_configuration

_MAIN = "from jobs.cli.main import main; main()"
# a shell starts what runs in its background deaf to SIGINT, and children inherit that
COMMAND = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);" + _MAIN,
)
ROOT = Path(__file__).resolve().parents[2]
LONG = 120.0


@dataclass(frozen=True, slots=True)
class Levers:
    """The vendors' control port."""

    session: requests.Session
    url: str

    def state(self) -> dict[str, Any]:
        """Return counters and tickets."""
        answer = self.session.get(f"{self.url}/state", timeout=LONG)
        answer.raise_for_status()
        return dict(answer.json())

    def pull(self, lever: str, **words: object) -> None:
        """Pull one lever; see `sample_data.simulators.control`."""
        self.session.post(f"{self.url}/{lever}", json=words, timeout=LONG).raise_for_status()

    def tickets(self, system: str = "jira") -> list[dict[str, Any]]:
        """Return all tickets of one system."""
        return [row for row in self.state()["tickets"] if row["system"] == system]

    def creates(self, system: str = "jira") -> int:
        """Return how many tickets were ever made."""
        return int(self.state()["creates"].get(system, 0))


@contextmanager
def vendors(company: Company, folder: Path, ticketing: str = "jira") -> Iterator[Levers]:
    """Run all vendors in a process of their own and write a configuration for them into `folder`."""
    ports = folder / "ports.json"
    ports.unlink(missing_ok=True)
    words = ["--company", str(company.folder), "--ports-file", str(ports)]
    process = subprocess.Popen([sys.executable, "-m", "sample_data.simulators", *words], cwd=ROOT)
    try:
        wait_for(ports.exists, process)
        urls: Mapping[str, str] = json.loads(ports.read_text(encoding="utf-8"))
        write_configuration(company, urls, folder, ticketing)
        with requests.Session() as session:
            session.trust_env = False
            yield Levers(session, urls["control"])
    finally:
        process.terminate()
        process.wait(LONG)


def wait_for(what: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait until something holds that a process brings about."""
    end = time.monotonic() + LONG
    while not what():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError("the process ended, or did not get there in time")
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and all it wrote."""

    code: int
    out: bytes
    err: bytes
    seconds: float

    @property
    def said(self) -> str:
        """Both streams as one text."""
        return (self.out + self.err).decode(errors="replace")


@dataclass(slots=True)
class Offkey:
    """The command in one folder. Every process it starts carries the folder's name in TMPDIR."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def mark(self) -> bytes:
        """What tells our processes from all others."""
        return f"TMPDIR={self.folder / 'tmp'}".encode()

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command; its output goes to files named out and err."""
        (self.folder / "tmp").mkdir(exist_ok=True)
        environ = {**os.environ, **self.environ, "TMPDIR": str(self.folder / "tmp")}
        environ["PYTHONPATH"] = str(ROOT)
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            return subprocess.Popen(
                [*COMMAND, "--config", str(self.folder / "offkey.toml"), *words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd=self.folder,
                env=environ,
                start_new_session=True,
            )

    def run(self, *words: str) -> Ended:
        """Run a command to its end."""
        started = time.monotonic()
        process = self.start(*words)
        try:
            code = process.wait(LONG)
        finally:
            kill(process)
        out, err = ((self.folder / name).read_bytes() for name in ("out", "err"))
        return Ended(code, out, err, time.monotonic() - started)

    def processes(self) -> list[int]:
        """Return the ids of all running processes that descend from a command started here."""
        return [number for number, environ in environs() if self.mark in environ]

    def forget(self) -> None:
        """Throw away all that was ever found."""
        shutil.rmtree(self.folder / "state", ignore_errors=True)


def environs() -> Iterator[tuple[int, bytes]]:
    """Yield the id and environment of every process that we may look at."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                yield int(entry.name), (entry / "environ").read_bytes()


def kill(process: subprocess.Popen[bytes], how: Sequence[int] = (signal.SIGKILL,)) -> bool:
    """Signal the whole process group at once; return whether it was still running."""
    running = process.poll() is None
    for number in how:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
    process.wait(LONG)
    return running
