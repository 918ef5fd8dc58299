from __future__ import annotations

import sys
from pathlib import Path

from bench.checks import measure_checks
from bench.measure import run
from bench.nights import measure_nights
from bench.repositories import chosen, made_up


def test_a_command_is_measured_with_what_it_starts() -> None:
    code = (
        "import subprocess, sys, time; data = bytearray(60 << 20);"
        "subprocess.run([sys.executable, '-c', 'x = sum(range(3_000_000))']); time.sleep(0.3);"
        "print('said'); sys.exit(7)"
    )
    ended = run([sys.executable, "-c", code])
    assert (ended.status, ended.output) == (7, "said\n")
    assert ended.cost.wall >= 0.3
    assert ended.cost.cpu > 0.02
    assert ended.cost.peak_mb > 55


def test_a_made_up_history_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = (made_up(tmp_path / name, revisions=2) for name in ("a", "b"))
    assert (first / "packed-refs").read_text() == (second / "packed-refs").read_text()
    (measured,) = chosen([str(tmp_path / "a")], tmp_path)
    assert measured.objects == 2 * 160 + 2
    assert measured.text_mb < measured.all_mb


def test_the_second_night_reads_nothing(tmp_path: Path) -> None:
    first, second = measure_nights(tmp_path, mirrors=3)
    assert (first.items, second.items) == (3 * 10, 0)


def test_each_credential_is_asked_about(tmp_path: Path) -> None:
    checks = measure_checks(tmp_path, credentials=40)
    assert checks.credentials == 40
    assert checks.own_ms > checks.bare_ms > 0
