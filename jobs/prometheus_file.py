"""The figures for Prometheus: a text file for the node exporter's textfile collector.

https://github.com/prometheus/node_exporter#textfile-collector: its name ends in ".prom", it is put in place
whole, and its samples bear no time of their own. Names and base units are those of
https://prometheus.io/docs/practices/naming/. What is not known has no sample: never a zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, generate_latest, write_to_textfile

from correlate.errors import Unavailable
from correlate.metrics import Metrics

SUFFIX = ".prom"
_DAY_SECONDS = 86400.0


def text_of(made: Metrics) -> str:
    """Return the figures in the text format. It names nobody, and no credential."""
    return generate_latest(_registry(made)).decode()


def write(made: Metrics, path: Path) -> None:
    """Put the figures at `path` at once, readable as the process's mask allows. Raises Unavailable."""
    try:
        write_to_textfile(str(path), _registry(made))
    except OSError as error:
        raise Unavailable(
            "The figures cannot be written", where=str(path), why=type(error).__name__,
            fix="check the folder and its permissions",
        ) from None  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Figure:
    """One gauge: its samples by the value of its `label`, or one without a label."""

    name: str
    told: str
    samples: Mapping[str, float | None]
    label: str = ""


def _registry(made: Metrics) -> CollectorRegistry:
    registry = CollectorRegistry()
    for figure in (*_of_credentials(made), *_of_cases(made), *_of_runs(made)):
        known = {key: value for key, value in figure.samples.items() if value is not None}
        if known:
            labels = [figure.label] if figure.label else []
            gauge = Gauge(f"offkey_{figure.name}", figure.told, labels, registry=registry)
            for key, value in known.items():
                (gauge.labels(key) if figure.label else gauge).set(value)
    return registry


def _of_credentials(made: Metrics) -> Iterator[_Figure]:
    held, took, lived = made.shares, made.rejection, made.exposed
    yield _one("leavers", "People who have left.", made.leavers)
    yield _Figure(
        "leaver_credentials", "Leavers' credentials, by what their issuers last said.",
        {"live": held.live, "dead": held.dead, "unknown": held.unknown}, "state",
    )  # fmt: skip
    told = "Leavers' credentials that are live, of which no answer lately said so."
    yield _one("leaver_credentials_unconfirmed", told, held.unconfirmed)
    told = "The live, of leavers' credentials that are live or dead."
    yield _one("leaver_live_ratio", told, held.still_live)
    yield _Figure(
        "leave_to_rejection_seconds",
        "Time from the leave to the first rejection, by Kaplan-Meier.",
        {"0.5": _seconds(took.median.day), "0.9": _seconds(took.p90.day)}, "quantile",
    )  # fmt: skip
    yield _Figure(
        "exposure_seconds", "Time that leavers' credentials lived on, all together.",
        {
            "at_least": _seconds(lived.at_least), "at_most": _seconds(lived.at_most),
            "not_known": _seconds(lived.not_known),
        }, "bound",
    )  # fmt: skip


def _of_cases(made: Metrics) -> Iterator[_Figure]:
    told = "Cases that are due some time, by what became of that."
    yield _Figure("deadlines", told, made.deadlines, "result")
    told = "Cases on which somebody has to act, by kind."
    yield _Figure("open_cases", told, made.open_cases, "kind")
    yield _one("orphans", "Open cases of live credentials that nobody owns.", made.orphans)
    told = "Cases of which a person accepted the risk."
    yield _one("accepted_risks", told, made.accepted_risks)
    held = made.exceptions
    states = {"open": held.open, "expired": held.expired, "void": held.void}
    yield _Figure("exceptions", "Approved exceptions, by where they stand.", states, "state")


def _of_runs(made: Metrics) -> Iterator[_Figure]:
    began = made.run_started_at.timestamp() if made.run_started_at else None
    yield _one("run_timestamp_seconds", "When the newest run began.", began)
    yield _one("metrics_timestamp_seconds", "When these were made.", made.made_at.timestamp())
    yield _Figure(
        "coverage_parts", "Parts of the newest run, by state.", made.covered.parts, "state"
    )
    yield _one("coverage_skipped", "Items that could not be examined.", made.covered.skipped)


def _one(name: str, told: str, value: float | None) -> _Figure:
    return _Figure(name, told, {"": value})


def _seconds(days: float | None) -> float | None:
    return None if days is None else days * _DAY_SECONDS
