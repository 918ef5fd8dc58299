"""Writes an evidence pack: records as JSON Lines and tables, a page for people, OSCAL, the signed manifest."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from correlate.errors import ConfigError
from jobs.evidence import verifier
from jobs.evidence.about import About
from jobs.evidence.gather import Gathered, Rows
from jobs.evidence.oscal import assessment_results
from jobs.evidence.page import page
from jobs.export import rows_csv, rows_jsonl

POPULATION_COLUMNS = (
    "person", "name", "reference", "status", "effective_at", "due_from", "zone", "precision", "source",
    "last_working_at", "ends_at", "announced_at", "worker_type", "employer", "ledger_entries",
)  # fmt: skip
CREDENTIAL_COLUMNS = (
    "credential", "name", "issuer", "person", "person_name", "relation", "strength", "assurance", "state",
    "residual", "scopes", "created_at", "expires_at", "last_used_by_others_at", "others_who_knew",
    "cases", "tickets", "in_time", "ledger_entries",
)  # fmt: skip
EXCEPTION_COLUMNS = (
    "exception", "credential", "state", "why", "asked_by", "asked_at", "reason", "approved_by",
    "approved_at", "policy", "expires_at", "used_by", "renews", "renewals", "ledger_entries",
)  # fmt: skip
ACCESS_COLUMNS = (
    "credential", "person", "person_name", "relation", "place", "why", "since", "until",
)  # fmt: skip


def write_pack(folder: Path, about: About, gathered: Gathered, sign: Callable[[str], str]) -> str:
    """Write the pack into a new folder, for its owner only, and return the SHA-256 of its digests.

    It is there whole, or not at all. Raises ConfigError where the folder exists.
    """
    if folder.exists():
        raise ConfigError(
            "It is there already", where=str(folder), why="a pack is never added to",
            fix="name another folder with --output",
        )  # fmt: skip
    half = folder.with_name(f".{folder.name}.{os.getpid()}.half")
    half.mkdir(parents=True, mode=0o700)
    try:
        digests = _fill(half, about, gathered, sign)
        half.rename(folder)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    return digests


def _fill(folder: Path, about: About, gathered: Gathered, sign: Callable[[str], str]) -> str:
    listed: dict[str, list[str]] = {}
    hashes: dict[str, str] = {}

    def put(name: str, text: str) -> None:
        data = text.encode()
        _write(folder / name, data)
        listed[name] = verifier.digest_lines(name, data)
        hashes[name] = hashlib.sha256(data).hexdigest()

    for name, text in _files(gathered):
        put(name, text)
    put("assessment-results.json", assessment_results(about, gathered))
    put("index.html", page(about, gathered, hashes))
    put(verifier.MANIFEST, _manifest(about, gathered, hashes))
    lines = (line for _, of_file in sorted(listed.items()) for line in of_file)
    digests = ("\n".join(lines) + "\n").encode()
    _write(folder / verifier.DIGESTS, digests)
    text = verifier.sealed(digests, about.keys[0])
    _write(folder / verifier.SIGNATURE, f"{text}signature {sign(text)}\n".encode())
    return hashlib.sha256(digests).hexdigest()


def _files(gathered: Gathered) -> Iterator[tuple[str, str]]:
    for name, rows in gathered.records.items():
        yield f"{name}.jsonl", rows_jsonl(map(dict, rows)) + "\n" if rows else ""
    held = gathered.records
    yield "population.csv", rows_csv(map(dict, held["population"]), POPULATION_COLUMNS)
    yield "credentials.csv", rows_csv(_flat(held["credentials"]), CREDENTIAL_COLUMNS)
    yield "exceptions.csv", rows_csv(map(dict, held["exceptions"]), EXCEPTION_COLUMNS)
    yield "access.csv", rows_csv(map(dict, held["access"]), ACCESS_COLUMNS)


def _flat(rows: Rows) -> Iterator[dict[str, Any]]:
    """Yield credentials as a table has them: their cases and tickets as lists of keys."""
    for row in rows:
        cases = row["cases"]
        yield {
            **row,
            "cases": [f"{one['kind']} {one['case']}: {one['state']}" for one in cases],
            "tickets": [made["key"] for one in cases for made in one["tickets"]],
            "in_time": [one["in_time"] for one in cases],
        }


def _manifest(about: About, gathered: Gathered, hashes: Mapping[str, str]) -> str:
    period = about.period
    plain = {
        "form": verifier.FORM,
        "organisation": about.organisation,
        "made_by": f"offkey {about.version}",
        "made_at": about.made_at.isoformat(),
        "scope": {
            "of": about.person or "all leavers",
            "period": period.name,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "ended": period.end <= about.made_at,
        },
        "conclusion": gathered.conclusion,
        "tally": asdict(gathered.tally),
        "examined_whole_at_least": about.fewest,
        "population": dict(gathered.population),
        "controls": {"version": about.mapping_version, "of_the_ledger": list(about.controls)},
        "tree_head": about.head,
        "keys": list(about.keys),
        "records": {f"{name}.jsonl": len(rows) for name, rows in gathered.records.items()},
        "sha256": dict(hashes),
    }
    return json.dumps(plain, indent=1, ensure_ascii=False) + "\n"


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
