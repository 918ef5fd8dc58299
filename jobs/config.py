"""The configuration: one TOML file, typed, each value with the place it came from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from correlate.ai_project import AiProject
from correlate.decoys import written
from correlate.errors import ConfigError
from correlate.secret import Pepper
from jobs.config_sections import (
    AiProjectSettings,
    EvidenceSettings,
    ExceptionSettings,
    KindSettings,
    LedgerSettings,
    MetricsSettings,
    Organisation,
    PolicySettings,
    RevocationSettings,
    Schedule,
    SlaSettings,
)
from jobs.settings import Surroundings, build

T = TypeVar("T")
FILE_NAME = "offkey.toml"
PREFIX = "OFFKEY_"
_ROLES = {
    "sources": "source",
    "people": "people",
    "issuers": "issuer",
    "inventory": "inventory",
    "tickets": "tickets",
    "outlets": "outlet",
}
_PLAIN = (
    "organisation", "store", "policy", "schedule", "sla", "kinds", "revocation", "ledger", "evidence",
    "exceptions", "metrics",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """One configured connector: its module is `connectors.<role>_<type>`."""

    role: str
    type: str
    name: str
    where: str
    table: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. `push` names who may hand events in (`jobs.web.transmitters`);
    `origins` tells for each plain key where its value came from.
    """

    path: Path
    organisation: Organisation
    connectors: tuple[ConnectorConfig, ...]
    store: ConnectorConfig
    policy: PolicySettings
    schedule: Schedule
    kinds: KindSettings
    revocation: RevocationSettings = field(default_factory=RevocationSettings)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    evidence: EvidenceSettings = field(default_factory=EvidenceSettings)
    push: tuple[ConnectorConfig, ...] = ()
    sla: SlaSettings = field(default_factory=SlaSettings)
    exceptions: ExceptionSettings = field(default_factory=ExceptionSettings)
    metrics: MetricsSettings = field(default_factory=MetricsSettings)
    ai_projects: tuple[AiProject, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)

    def of(self, role: str) -> tuple[ConnectorConfig, ...]:
        """Return the connectors of a role ("source", "people", "issuer", "tickets")."""
        return tuple(item for item in self.connectors if item.role == role)

    def pepper(self) -> Pepper:
        """Return the pepper. Raises ConfigError when it is too short."""
        key = self.organisation.pepper.reveal().encode()
        if len(key) < Pepper.MIN_BYTES:
            raise ConfigError(
                "The pepper is too short",
                where="organisation.pepper",
                why=f"it has {len(key)} bytes, {Pepper.MIN_BYTES} are the least",
                fix="make one with `offkey config init`",
            )
        return Pepper(self.organisation.pepper_id, key)


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """Read and check the configuration at `path`.

    A plain key of a section can be set by the environment as OFFKEY_SECTION__KEY, which
    wins over the file. Raises ConfigError naming the key; no connector is touched.
    """
    return parse(_read(path), path, environ)


def parse(raw: Mapping[str, Any], path: Path, environ: Mapping[str, str]) -> Config:
    """Return the configuration that the parsed TOML `raw`, read from `path`, spells out."""
    around = Surroundings(path.resolve().parent, environ)
    origins: dict[str, str] = {}
    known = {*_ROLES, "push", "ai_projects", *_PLAIN}
    for name in raw:
        if name not in known:
            raise ConfigError(
                "An unknown section",
                where=f"{path.name}: [{name}]",
                why="nothing reads it",
                fix=f"known: {', '.join(sorted(known))}",
            )

    def section(kind: type[T], name: str) -> T:
        table = _with_environment(kind, name, raw.get(name, {}), environ, origins)
        return build(kind, table, name, around)

    organisation = section(Organisation, "organisation")
    organisation = replace(organisation, state=around.folder / organisation.state)
    _keep_pepper_apart(raw, organisation, around)
    policy = section(PolicySettings, "policy")
    _check_fingerprints("decoys", policy.decoys)
    _check_fingerprints("break_glass", policy.break_glass)
    sla = section(SlaSettings, "sla")
    sla.deadlines()
    metrics = section(MetricsSettings, "metrics")
    metrics.check()
    return Config(
        path,
        organisation,
        tuple(_connectors(raw)),
        _store(raw.get("store", {})),
        policy,
        section(Schedule, "schedule"),
        section(KindSettings, "kinds"),
        section(RevocationSettings, "revocation"),
        section(LedgerSettings, "ledger"),
        section(EvidenceSettings, "evidence"),
        tuple(_listed(raw, "push", "push")),
        sla,
        section(ExceptionSettings, "exceptions"),
        metrics,
        tuple(_projects(raw, around)),
        origins,
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            "No configuration", where=str(path), why="the file is not there",
            fix="write one with `offkey config init`, or name it with --config",
        ) from None  # fmt: skip
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            "The configuration cannot be read", where=str(path), why=str(error)[:200],
            fix="mend the file; `offkey config check` reads it again",
        ) from None  # fmt: skip


def _with_environment(
    kind: type[Any],
    name: str,
    table: Mapping[str, Any],
    environ: Mapping[str, str],
    origins: dict[str, str],
) -> Mapping[str, Any]:
    if not isinstance(table, Mapping):
        raise ConfigError(
            "A section is not a table", where=name, why="its values are missing",
            fix=f"write [{name}]",
        )  # fmt: skip
    merged = dict(table)
    for spec in fields(kind):
        key = f"{name}.{spec.name}"
        variable = f"{PREFIX}{name}__{spec.name}".upper()
        origins[key] = "file" if spec.name in table else "default"
        if spec.type == "Secret" or variable not in environ:
            continue
        merged[spec.name] = _from_text(environ[variable], str(spec.type), key, variable)
        origins[key] = f"${variable}"
    return merged


def _from_text(text: str, type_name: str, key: str, variable: str) -> Any:
    try:
        if type_name == "int":
            return int(text)
        if type_name == "float":
            return float(text)
    except ValueError:
        raise ConfigError(
            "A setting has the wrong type", where=key, why=f"${variable} is not a number",
            fix="write a number",
        ) from None  # fmt: skip
    return text.split(",") if type_name.startswith("tuple") else text


def _keep_pepper_apart(
    raw: Mapping[str, Any], organisation: Organisation, around: Surroundings
) -> None:
    target = raw["organisation"]["pepper"]
    if "file" not in target:
        return
    pepper = (around.folder / Path(target["file"]).expanduser()).resolve()
    if pepper.is_relative_to(organisation.state.resolve()):
        raise ConfigError(
            "The pepper lies beside the store",
            where="organisation.pepper",
            why="whoever takes the store would take the key to its fingerprints too",
            fix="move the pepper out of `organisation.state`",
        )


def _check_fingerprints(key: str, texts: tuple[str, ...]) -> None:
    for number, text in enumerate(texts, 1):
        if not written(text):  # and not shown: it may be the secret itself
            raise ConfigError(
                "That is no fingerprint", where=f"policy.{key}[{number}]",
                why="it is not eight or more of the digits 0-9 and a-f",
                fix="copy it from `offkey cases` or `offkey leaver`; never write the secret here",
            )  # fmt: skip


def _projects(raw: Mapping[str, Any], around: Surroundings) -> Iterator[AiProject]:
    seen: set[str] = set()
    for number, table in enumerate(_tables(raw, "ai_projects"), 1):
        where = f"ai_projects[{number}]"
        made = build(AiProjectSettings, table, where, around)
        _take_name(seen, made.name, where)
        yield made.project()


def _connectors(raw: Mapping[str, Any]) -> Iterator[ConnectorConfig]:
    for section, role in _ROLES.items():
        yield from _listed(raw, section, role)


def _listed(raw: Mapping[str, Any], section: str, role: str) -> Iterator[ConnectorConfig]:
    seen: set[str] = set()
    for number, table in enumerate(_tables(raw, section), 1):
        made = _connector(role, section, number, table)
        _take_name(seen, made.name, made.where)
        yield made


def _tables(raw: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    tables = raw.get(section, [])
    if not isinstance(tables, list):
        raise ConfigError(
            "A section is not a list", where=section, why="each entry is a table",
            fix=f"write [[{section}]]",
        )  # fmt: skip
    return tables


def _take_name(seen: set[str], name: str, where: str) -> None:
    if name in seen:
        raise ConfigError(
            "Two entries share a name", where=f"{where}.name", why=f"`{name}` is taken",
            fix="give each its own name",
        )  # fmt: skip
    seen.add(name)


def _connector(role: str, section: str, number: int, table: Mapping[str, Any]) -> ConnectorConfig:
    where = f"{section}[{number}]"
    rest = dict(table)
    kind = rest.pop("type", None)
    if not isinstance(kind, str) or not kind.isidentifier():
        raise ConfigError(
            "A connector has no type", where=f"{where}.type", why="it names the module to use",
            fix='write for example type = "git"',
        )  # fmt: skip
    name = rest.pop("name", kind)
    if not isinstance(name, str):
        raise ConfigError(
            "A setting has the wrong type", where=f"{where}.name", why="a name is a text",
            fix="put it in quotes",
        )  # fmt: skip
    return ConnectorConfig(role, kind, name, where, rest)


def _store(table: Mapping[str, Any]) -> ConnectorConfig:
    rest = dict(table)
    return ConnectorConfig("store", rest.pop("type", "sql"), "store", "store", rest)
