"""Thousands of credentials at many issuers with their limits, and a run that is killed again and again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from correlate.freshness import IN_FLIGHT
from correlate.secret import Secret
from jobs import config as configuration
from jobs.nightly import Allowances, nightly
from jobs.progress import Silent
from jobs.rules import kinds_of, rules_of
from jobs.wiring import Wiring
from sample_data.simulators import crowd
from tests.jobs.apart import COMMAND, ROOT, wait_for

PEPPER = "crowd-" * 8
STATES = {"live": "live", "limited": "live_limited", "dead": "dead"}
SEED = 20261125


@dataclass(frozen=True, slots=True)
class Crowd:
    """A served crowd with its configuration, and the state of every token."""

    folder: Path
    states: dict[str, str]

    def counts(self) -> tuple[Counter[str], int]:
        """How often each token was asked about, and how often anybody was told to wait."""
        told = list(self._told())
        asked = sum((Counter(one["asked"]) for one in told), Counter[str]())
        return asked, sum(one["refused"] for one in told)

    def closest(self) -> float:
        """The least seconds between two questions about one token."""
        return min(float(one["closest"]) for one in self._told())

    def _told(self) -> Iterator[dict[str, Any]]:
        with requests.Session() as session:
            session.trust_env = False
            for port in json.loads((self.folder / crowd.PORTS).read_text()).values():
                yield session.get(f"http://127.0.0.1:{port}/counts", timeout=10).json()

    def questions(self) -> int:
        """How many questions there were in all."""
        asked, refused = self.counts()
        return asked.total() + refused

    def start(self) -> subprocess.Popen[bytes]:
        """Start a nightly run as a process of its own."""
        environ = {**os.environ, "CROWD_PEPPER": PEPPER, "PYTHONPATH": str(ROOT)}
        words = ["--config", str(self.folder / "offkey.toml"), "run", "nightly"]
        return subprocess.Popen(
            [*COMMAND, *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=environ,
            start_new_session=True,
        )

    def night(self, now: datetime) -> Counter[str]:
        """Run to the end in this process, at some instant; return the state of every token."""
        config = configuration.load(self.folder / "offkey.toml", {"CROWD_PEPPER": PEPPER})
        wiring = Wiring(config, kinds_of(rules_of(config), self.folder / "cache"))
        store = wiring.store()
        store.prepare()
        try:
            nightly(wiring, store, now, Allowances(), Silent())
            with store.transaction() as tx:
                answers = tx.scans.answers()
            kinds = {str(kind.issuer): kind.id for kind in wiring.kinds}
            wrong = Counter[str]()
            for token, state in self.states.items():
                made = config.pepper().fingerprint(kinds[token.partition("_")[0]], Secret(token))
                said = answers[made].latest if made in answers else None
                if said is None or said.state.value != STATES[state]:
                    wrong[f"{state}: {said.state.value if said else 'never asked'}"] += 1
        finally:
            store.close()
        return wrong


@contextmanager
def served(folder: Path, tokens: int, spacing_s: float) -> Iterator[Crowd]:
    states = crowd.lay_out(folder, tokens)
    words = [sys.executable, "-m", "sample_data.simulators.crowd", str(folder)]
    process = subprocess.Popen(words, cwd=ROOT)
    try:
        wait_for((folder / crowd.PORTS).exists, process)
        crowd.configure(folder, spacing_s)
        yield Crowd(folder, states)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("tokens", [400, pytest.param(5000, marks=pytest.mark.long)])
def test_every_state_is_right_and_no_limit_is_stormed(tmp_path: Path, tokens: int) -> None:
    with served(tmp_path, tokens, 0.01) as made:
        assert made.night(datetime.now(UTC)) == {}
        asked, refused = made.counts()
        assert {token: asked[token] for token in made.states} == dict.fromkeys(made.states, 1)
        assert len(asked) == tokens + crowd.ISSUERS  # one made-up token for each host
        # ten issuers stand 40 a second: of each such second one question is told to wait
        assert refused <= 10 * (tokens / crowd.ISSUERS / 40 + 2) * 2


@pytest.mark.parametrize(
    ("tokens", "kills"), [(400, 4), pytest.param(5000, 20, marks=pytest.mark.long)]
)
def test_a_run_killed_again_and_again_asks_nobody_twice(
    tmp_path: Path, tokens: int, kills: int
) -> None:
    rng = random.Random(SEED)  # noqa: S311  # the same moments each time
    longest = 0.3  # seconds from the first question to the kill: all of them end no run
    with served(tmp_path, tokens, 1.5 * kills * longest / (tokens / crowd.ISSUERS)) as made:
        (tmp_path / "cache").mkdir()
        for _ in range(kills):
            before = made.questions()
            process = made.start()
            wait_for(lambda before=before: made.questions() > before, process)  # type: ignore[misc]
            time.sleep(rng.uniform(0, longest))
            assert process.poll() is None, "the run ended before it could be killed"
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert made.night(datetime.now(UTC)) == {}
        asked, _ = made.counts()
        again = [token for token in made.states if asked[token] > 1]
        # of each lane one question for each kill may have been in flight: asked again, but not
        # before that can have ended
        assert len(again) <= kills * crowd.ISSUERS
        assert made.closest() >= IN_FLIGHT.total_seconds()
