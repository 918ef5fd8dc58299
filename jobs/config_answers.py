"""The sections of the configuration that say what is answered beside cases: figures, and AI projects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from correlate.ai_project import CONVENTIONS, AiProject, Role
from correlate.errors import ConfigError


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
