"""One run at a time: on this host by a file, between hosts by a lease that ends."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from correlate.errors import Unavailable
from jobs.lock import LEASE, extend, only_runner
from tests.correlate.cast import NOW
from tests.jobs.stage import fresh_store

ELSEWHERE = "another-host"


def test_a_second_run_on_this_host_is_refused_and_the_next_one_is_not(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with (
        only_runner(tmp_path, store, NOW),
        pytest.raises(Unavailable, match="this host"),
        only_runner(tmp_path, store, NOW),
    ):
        pass
    with only_runner(tmp_path, store, NOW):
        assert extend(store, NOW)
    store.close()


def test_a_run_that_fails_gives_the_lock_back(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with pytest.raises(ZeroDivisionError), only_runner(tmp_path, store, NOW):
        raise ZeroDivisionError
    with store.transaction() as tx:
        assert tx.runs.acquire("organisation", ELSEWHERE, NOW, NOW + LEASE)
    store.close()


def test_a_lease_keeps_other_hosts_away_until_it_is_over(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    with store.transaction() as tx:
        assert tx.runs.acquire("organisation", ELSEWHERE, NOW, NOW + LEASE)
    with pytest.raises(Unavailable, match="another host"), only_runner(tmp_path, store, NOW):
        pass
    with only_runner(tmp_path, store, NOW + LEASE + timedelta(seconds=1)):
        pass
    store.close()


def test_a_killed_run_leaves_the_file_unlocked(tmp_path: Path) -> None:
    held = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(1, flush=True); time.sleep(60)"
    words = [sys.executable, "-c", held, str(tmp_path / "run.lock")]
    store = fresh_store(tmp_path)
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1\n"
        with pytest.raises(Unavailable), only_runner(tmp_path, store, NOW):
            pass
        process.kill()
    with only_runner(tmp_path, store, NOW):
        pass
    store.close()
