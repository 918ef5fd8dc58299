"""The plain sections of the configuration, each with its defaults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from correlate.ai_project import CONVENTIONS, AiProject, Role
from correlate.assurance import FEWEST
from correlate.errors import ConfigError
from correlate.secret import Secret
from correlate.sla import PRESETS, Deadlines


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who we work for. `state` holds the store, mirrors and caches, by default beside the
    configuration; the pepper must not lie there.
    """

    pepper: Secret
    state: Path = Path("offkey-state")
    name: str = "our organisation"
    pepper_id: str = "p1"


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What is asked of a person before much happens, and when a rejection counts as proof.

    `accepted_resolutions` are ticket resolutions that mean "a person accepts the risk", which counts
    for `waiver_days` (0: without end).
    `proof_gap_seconds` 0 takes each kind's own gap. All issuers together are asked at most
    `questions_per_second`, and in one run for at most `question_minutes`; an issuer that asks us
    to wait is waited for no longer than `patience_seconds`. A list from which more than
    `max_vanished_rows` rows, and a fifth of all, are gone at once is not believed.
    `ticket_hygiene`: what is only old (F4) or has no expiry (F8) gets a ticket too. `decoys` are
    fingerprints of credentials laid out for thieves, of which no issuer is asked; `break_glass` are those
    of credentials kept for emergencies, which are never revoked. `feed_order` names
    people feeds, the one to believe first where several state the same worker at its head.
    `fallback_owner` is the address or group that decides where no manager is left to; a successor who
    was asked has `succession_days` to accept. `embargo_readers` are the addresses of those who may set
    and see embargoes. `forget_after_days` after a case ended, or somebody left, whom it was is forgotten
    (0: never; `jobs.retention`).
    """

    max_new_tickets: int = 50
    max_new_leavers: int = 50
    max_vanished_rows: int = 3
    ticket_hygiene: bool = False
    decoys: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()
    accepted_resolutions: tuple[str, ...] = (
        "Accepted Risk",
        "Risk Accepted",
        "Won't Do",
        "Won't Fix",
        "False Positive",
    )
    waiver_days: int = 90
    proof_gap_seconds: int = 0
    settle_seconds: float = 90.0
    questions_per_second: float = 50.0
    question_minutes: int = 120
    patience_seconds: float = 300.0
    feed_order: tuple[str, ...] = ()
    fallback_owner: str = ""
    succession_days: int = 7
    embargo_readers: tuple[str, ...] = ()
    forget_after_days: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """When `offkey serve` does what, in UTC. Polls that pushed events wake begin at least
    `push_spacing_seconds` apart.
    """

    nightly: str = "02:00"
    poll_minutes: int = 15
    recheck_minutes: int = 360
    sync_minutes: int = 10
    push_spacing_seconds: int = 30


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
class RevocationSettings:
    """Whether `offkey revoke` may do more than show, and the addresses of those who may approve."""

    enabled: bool = False
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionSettings:
    """Who may approve exceptions, under which `policies` ("ID VERSION"), for how many days at most,
    and how often one may be renewed in turn. Without approvers and policies there are none.
    """

    approvers: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    max_days: int = 90
    max_renewals: int = 2


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """`key` signs the ledger's heads, an Ed25519 key in PEM; without it one is made in the state folder.
    `former_keys` are the public halves of those that signed before, as `offkey ledger key` told them.
    The authority at `timestamp_url` stamps each night's head; the rest is `connectors.timestamp.Settings`.
    """

    key: Secret | None = None
    former_keys: tuple[str, ...] = ()
    timestamp_url: str = ""
    timestamp_roots: Path | None = None
    timestamp_internal_hosts: tuple[str, ...] = ()
    timestamp_proxy: str = ""
    timestamp_ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class EvidenceSettings:
    """`examined_whole_at_least` is the share (0 to 1) of what was planned in a period that has to be
    examined whole before a pack says more than what was found.
    """

    examined_whole_at_least: float = FEWEST


@dataclass(frozen=True, slots=True)
class KindSettings:
    """Folders with the team's own kinds, one TOML file per issuer, and what other tools know.

    `packs` are rule packs of other scanners, files or folders; `plugins` are plug-ins of
    detect-secrets, which are run; `baselines` are its files of what was audited.
    """

    folders: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    baselines: tuple[str, ...] = ()


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
