"""`make bench`: offkey beside git and other scanners, on whole histories.

    python -m bench [REPOSITORY ...] [--rounds N] [--output FOLDER]

REPOSITORY is a path to a clone, best a bare one with more than 500 MB once inflated, such as
`git clone --mirror https://github.com/trufflesecurity/trufflehog`. Without any (and without
OFFKEY_BENCH_REPOS) one is made up. Writes result.md, result.svg and result.json to FOLDER.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from pathlib import Path

from bench.checks import measure_checks
from bench.company import measure_company
from bench.history import Row, measure_files, measure_history, missing
from bench.ledger import measure_ledger
from bench.nights import measure_nights, starts
from bench.repositories import chosen
from bench.table import Results, as_json, markdown, picture


def main() -> None:
    """Run the benchmark and write what it found."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("repositories", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--output", type=Path, default=Path("build/bench"))
    parser.add_argument("--histories-only", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="offkey-bench-") as name:
        results = measure(asked, Path(name))
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / "result.md").write_text(markdown(results))
    (asked.output / "result.svg").write_text(picture(results))
    (asked.output / "result.json").write_text(as_json(results))
    sys.stdout.write(markdown(results))


def measure(asked: argparse.Namespace, work: Path) -> Results:
    """Return everything measured."""
    repositories = chosen(asked.repositories, work)
    rows: list[Row] = []
    for repository in repositories:
        say(f"reading the whole history of {repository.name} ({repository.text_mb:,.0f} MB)")
        rows += measure_history(repository, work / "cache", asked.rounds)
        if not asked.histories_only:
            say(f"reading the files at the tip of {repository.name}")
            rows += measure_files(repository)
    say("two nights over unchanged mirrors, and starting")
    nights = [] if asked.histories_only else measure_nights(work)
    say("thousands of questions to twenty issuers on this machine")
    checks = None if asked.histories_only else measure_checks(work)
    say("a company of 200,000 people and a million places (some minutes)")
    company = None if asked.histories_only else measure_company(work)
    say("a ledger of a million entries")
    ledger = None if asked.histories_only else measure_ledger(work)
    machine = (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    found = (nights, starts(work), missing(), checks, company, ledger)
    return Results(machine, repositories, rows, *found)


def say(line: str) -> None:
    """Tell how far it is, on standard error."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
