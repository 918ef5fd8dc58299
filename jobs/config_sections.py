"""Sections of the configuration with rules of their own: deadlines, figures, AI projects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from correlate.ai_project import CONVENTIONS, AiProject, Role
from correlate.errors import ConfigError
from correlate.sla import PRESETS, Deadlines


@dataclass(frozen=True, slots=True)
class SlaSettings:
    """By when a leaver's credential has to be dead, in hours from the leave: by a `preset`
    ("fedramp-moderate", "fedramp-high"; `correlate.sla`), or by severity (0: not due).
    """

    preset: str = ""
    critical_hours: int = 0
    high_hours: int = 0
    medium_hours: int = 0
    low_hours: int = 0

    def deadlines(self) -> Deadlines:
        """Return what is due when. Raises ConfigError for no such preset, or for two ways at once."""
        own = {
            "critical": self.critical_hours, "high": self.high_hours,
            "medium": self.medium_hours, "low": self.low_hours,
        }  # fmt: skip
        if not self.preset and min(own.values()) >= 0:
            return Deadlines(by_severity=own)
        if self.preset in PRESETS and not any(own.values()):
            return PRESETS[self.preset]
        raise ConfigError(
            "Deadlines are not clear", where="sla",
            why="there is no such preset, or hours are given beside it, or fewer than none",
            fix=f"set `preset` to one of {', '.join(PRESETS)}, or set hours alone",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MetricsSettings:
    """Where each nightly run leaves the figures for Prometheus, for its node exporter to find: a
    `prometheus_file` that ends in ".prom" (None: nowhere).
    """

    prometheus_file: Path | None = None

    def check(self) -> None:
        """Raise ConfigError for a name that the node exporter passes over."""
        if self.prometheus_file is not None and self.prometheus_file.suffix != ".prom":
            raise ConfigError(
                "Prometheus would not read that file", where="metrics.prometheus_file",
                why="its node exporter takes names that end in .prom",
                fix="name it like offkey.prom",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AiProjectSettings:
    """A model, agent or notebook project: its `places`, as shell patterns over "source:container" or over
    containers, and where in them its prompts, data sets, approvals and logs stand, as patterns over
    paths. With none of these, they are looked for where teams commonly keep them.
    """

    name: str
    places: tuple[str, ...]
    prompts: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()

    def project(self) -> AiProject:
        """Return the project as it is looked at."""
        own = {role: getattr(self, role.value) for role in Role}
        return AiProject(self.name, self.places, own if any(own.values()) else CONVENTIONS)
