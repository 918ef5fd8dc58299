"""What a scan child must know: which source, which kinds, which pepper, and its limits.

It goes down a pipe as JSON, never into an argument or the environment, where other
processes could read it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from correlate.kind import Kind
from correlate.ports import Setup, Source
from correlate.secret import Pepper
from jobs.rules import RuleFiles, rule_files
from jobs.settings import Surroundings, build


@dataclass(frozen=True, slots=True)
class Limits:
    """What one unit may cost before its child is killed."""

    wall_seconds: float = 300
    cpu_seconds: int = 120
    memory_mb: int = 512  # of its own, beside what it maps from files
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class ScanSpec:
    """One source to scan. `table` is its configuration as written, secrets by reference;
    `environ` is what those references may name; `folder` is what its relative paths start from.
    `cache` keeps the compiled patterns.
    """

    type: str
    name: str
    table: Mapping[str, Any]
    where: str
    folder: Path
    workdir: Path
    cache: Path
    pepper: Pepper = field(repr=False)
    rules: RuleFiles = field(default_factory=RuleFiles)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    limits: Limits = Limits()
    workers: int = 0  # 0: as many as there are processors
    tell_dropped: bool = False  # look-alikes are findings too, suppressed with their reason


def spec_line(spec: ScanSpec) -> bytes:
    """Return the spec as one line for a child's pipe. Holds the pepper: for that pipe only."""
    plain = {
        "type": spec.type,
        "name": spec.name,
        "table": spec.table,
        "where": spec.where,
        "folder": str(spec.folder),
        "workdir": str(spec.workdir),
        "cache": str(spec.cache),
        "pepper": [spec.pepper.key_id, spec.pepper.reveal().hex()],
        "rules": spec.rules.plain(),
        "tell_dropped": spec.tell_dropped,
        "environ": _referenced(spec.table, spec.environ),
        "cpu_seconds": spec.limits.cpu_seconds,
        "memory_mb": spec.limits.memory_mb,
    }
    return json.dumps(plain).encode() + b"\n"


def spec_from_line(line: bytes) -> ScanSpec:
    """Return the spec of a line. Raises ValueError or KeyError for anything else."""
    plain = json.loads(line)
    key_id, key = plain["pepper"]
    return ScanSpec(
        type=plain["type"],
        name=plain["name"],
        table=plain["table"],
        where=plain["where"],
        folder=Path(plain["folder"]),
        workdir=Path(plain["workdir"]),
        cache=Path(plain["cache"]),
        pepper=Pepper(key_id, bytes.fromhex(key)),
        rules=rule_files(plain["rules"]),
        tell_dropped=plain["tell_dropped"],
        environ=plain["environ"],
        limits=Limits(cpu_seconds=plain["cpu_seconds"], memory_mb=plain["memory_mb"]),
    )


def source_of(spec: ScanSpec, kinds: tuple[Kind, ...] = ()) -> Source:
    """Return the source that a spec describes, as wiring would. Raises ConfigError."""
    module = importlib.import_module(f"connectors.source_{spec.type}")
    around = Surroundings(spec.folder, spec.environ)
    settings = build(module.Settings, spec.table, spec.where, around)
    source: Source = module.connect(settings, Setup(spec.name, spec.workdir, kinds))
    return source


def _referenced(table: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that the table's references name; all of them where a command may ask."""
    references = [value for value in table.values() if isinstance(value, Mapping)]
    if any("cmd" in reference for reference in references):
        return dict(environ)
    names = [str(reference["env"]) for reference in references if "env" in reference]
    return {name: environ[name] for name in names if name in environ}
