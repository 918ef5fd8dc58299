"""What asking issuers costs of our own: thousands of credentials at a crowd of issuers on loopback.

The floor is the bare call: the same questions by the standard library, one connection each.
"""

from __future__ import annotations

import http.client
import json
import resource
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jobs import config as configuration
from jobs.asking import verify_step
from jobs.progress import Silent
from jobs.rules import kinds_of, rules_of
from jobs.scan import scan_sources
from jobs.wiring import Wiring
from sample_data.simulators import crowd

CREDENTIALS = 5000
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Checks:
    """CPU milliseconds a check, of ours (git's included) and of the bare call; wall in seconds."""

    credentials: int
    own_ms: float
    bare_ms: float
    seconds: float


def measure_checks(work: Path, credentials: int = CREDENTIALS) -> Checks:
    """Return what asking about every credential of a new crowd costs, once all are found."""
    folder = work / "crowd"
    states = crowd.lay_out(folder, credentials)
    words = [sys.executable, "-m", "sample_data.simulators.crowd", str(folder)]
    served = subprocess.Popen(words)
    try:
        _wait_for(folder / crowd.PORTS)
        crowd.configure(folder, 0.01)
        return _measured(folder, list(states))
    finally:
        served.kill()
        served.wait()


def _measured(folder: Path, tokens: list[str]) -> Checks:
    environ = {"CROWD_PEPPER": secrets.token_hex(32)}
    config = configuration.load(folder / "offkey.toml", environ)
    wiring = Wiring(config, kinds_of(rules_of(config), folder / "cache"))
    store = wiring.store()
    store.prepare()
    try:
        now = datetime.now(UTC)
        scan_sources(wiring, store, now, Silent())
        kinds = {kind.id: kind for kind in wiring.kinds}
        before, started = _cpu(), time.monotonic()
        report = verify_step(wiring, store, kinds, now, Silent())
        own, seconds = _cpu() - before, time.monotonic() - started
    finally:
        store.close()
    if report.asked != len(tokens) or report.left:
        raise RuntimeError(f"{report.asked} of {len(tokens)} were asked about")
    bare = _bare(folder, tokens)
    return Checks(len(tokens), own * 1000 / len(tokens), bare * 1000 / len(tokens), seconds)


def _bare(folder: Path, tokens: list[str]) -> float:
    ports = json.loads((folder / crowd.PORTS).read_text())
    before = _cpu()
    for token in tokens:
        connection = http.client.HTTPConnection("127.0.0.1", ports[token.partition("_")[0]])
        connection.request("GET", "/user", headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
        connection.close()
    return _cpu() - before


def _cpu() -> float:
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _wait_for(path: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if time.monotonic() > end:
            raise RuntimeError("the crowd did not come up")
        time.sleep(0.02)
