from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from correlate.model import KindId
from correlate.ports import ScanUnit
from correlate.secret import Secret
from jobs.scan_pool import UnitOutcome, scan_units
from jobs.scan_spec import Limits
from tests.jobs.scanning import PEPPER, big_repo, fake_git, scan, spec_of, token, units_of

QUICK = Limits(wall_seconds=3, attempts=2)


def at_object(oid: str, act: str) -> str:
    """A git that acts when it is asked for an object, as often as it is asked."""
    lines = f"""while IFS= read -r line; do
        case "$line" in *{oid}*) {act};; esac
        printf '%s\\n' "$line"
    done"""
    return f'{lines} | "$REAL" "$@"'


def test_every_unit_is_scanned_once_and_its_exposures_are_fingerprinted(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r")
    spec = spec_of(tmp_path, repo.path)
    units = units_of(spec)
    outcomes = scan(spec, units)
    assert len(units) > 1
    assert sorted(outcome.unit.number for outcome in outcomes) == list(range(len(units)))
    assert all(outcome.ok and not outcome.reason for outcome in outcomes)
    assert sum(len(outcome.items) for outcome in outcomes) == 7
    assert sum(outcome.bytes for outcome in outcomes) == sum(unit.bytes for unit in units)
    found = {e.fingerprint for outcome in outcomes for e in outcome.exposures}
    wanted = {PEPPER.fingerprint(KindId("npm_token"), Secret(token(seed=str(n)))) for n in range(6)}
    assert found == wanted


def test_a_child_that_is_killed_loses_its_own_unit_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = big_repo(tmp_path / "r")
    spec = spec_of(tmp_path, repo.path, limits=QUICK)
    units = units_of(spec)
    poison = spec.workdir / "lists" / units[1].payload
    first = poison.read_text().split()[0]
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", at_object(first, "kill -9 $PPID")))
    outcomes = {outcome.unit.number: outcome for outcome in scan(spec, units)}
    assert len(outcomes) == len(units)
    assert [number for number, outcome in outcomes.items() if not outcome.ok] == [1]
    assert outcomes[1].reason == "the scanning process ended by signal 9"
    assert not outcomes[1].items
    assert not outcomes[1].exposures


def test_a_child_that_hangs_is_killed_with_its_git_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = big_repo(tmp_path / "r")
    spec = spec_of(tmp_path, repo.path, limits=QUICK)
    units = units_of(spec)
    first = (spec.workdir / "lists" / units[0].payload).read_text().split()[0]
    script = at_object(first, f"echo $$ >> {tmp_path}/hung; sleep 60")
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    started = time.monotonic()
    outcomes = {outcome.unit.number: outcome for outcome in scan(spec, units)}
    assert time.monotonic() - started < 20
    assert [number for number, outcome in outcomes.items() if not outcome.ok] == [0]
    assert outcomes[0].reason == "killed after 3 s"
    hung = (tmp_path / "hung").read_text().split()
    assert len(hung) == 2, "tried twice"
    for pid in hung:
        assert not running(int(pid))


def test_a_child_that_dies_once_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = big_repo(tmp_path / "r", files=1)
    spec = spec_of(tmp_path, repo.path, limits=QUICK)
    units = units_of(spec)
    once = tmp_path / "once"
    script = f'[ -e {once} ] || {{ touch {once}; kill -9 $PPID; exit 1; }}; exec "$REAL" "$@"'
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    assert [outcome.ok for outcome in scan(spec, units)] == [True]
    assert once.exists()


def test_a_source_that_fails_is_a_failed_unit_with_its_reason(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r", files=1)
    spec = spec_of(tmp_path, repo.path, limits=QUICK)
    units = units_of(spec)
    repo.path.rename(tmp_path / "moved")
    (outcome,) = scan(spec, units)
    assert not outcome.ok
    assert outcome.reason.startswith("A repository cannot be used")


def test_a_wrong_setting_fails_every_unit_with_its_reason(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r", files=1)
    spec = spec_of(tmp_path, repo.path, limits=QUICK)
    units = units_of(spec)
    assert isinstance(spec.table, dict)
    spec.table["repositries"] = []
    (outcome,) = scan(spec, units)
    assert outcome.reason == "An unknown setting: nothing reads it"


def test_too_little_memory_is_a_failed_unit(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r", files=1)
    spec = spec_of(tmp_path, repo.path, limits=Limits(memory_mb=30, attempts=1))
    (outcome,) = scan(spec, units_of(spec))
    assert not outcome.ok


def test_no_units_start_no_child(tmp_path: Path) -> None:
    assert scan(spec_of(tmp_path), []) == []


def test_units_are_drawn_as_children_become_free(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r", files=24)
    spec = spec_of(tmp_path, repo.path, workers=1)
    units = units_of(spec)
    drawn, most = 0, 0
    done: list[UnitOutcome] = []

    def draw() -> Iterator[ScanUnit]:
        nonlocal drawn, most
        for unit in units:
            drawn += 1
            most = max(most, drawn - len(done))
            yield unit

    scan_units(draw(), spec, done.append)
    assert len(done) == len(units) > 4
    assert most <= 3


def test_an_error_of_the_caller_ends_every_child(tmp_path: Path) -> None:
    repo = big_repo(tmp_path / "r")
    spec = spec_of(tmp_path, repo.path)

    def refuse(_: UnitOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan_units(units_of(spec), spec, refuse)


def test_neither_arguments_nor_environment_hold_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = big_repo(tmp_path / "r", files=1)
    spec = spec_of(tmp_path, repo.path)
    units = units_of(spec)
    seen = tmp_path / "seen"
    script = f'cat /proc/$PPID/environ /proc/$PPID/cmdline >> {seen}; exec "$REAL" "$@"'
    monkeypatch.setenv("PATH", fake_git(tmp_path / "bin", script))
    monkeypatch.setenv("OFFKEY_MARKER", "marker-of-a-secret")
    assert [outcome.ok for outcome in scan(spec, units)] == [True]
    raw = seen.read_bytes()
    assert b"jobs.scan_child" in raw
    assert b"marker-of-a-secret" not in raw
    assert PEPPER.reveal().hex().encode() not in raw


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
