"""The one place where configuration becomes connectors, found by name and imported when asked for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import connectors
from correlate.errors import ConfigError
from correlate.kind import Kind
from correlate.ports import (
    Inventory,
    Issuer,
    Outlet,
    PeopleFeed,
    Revoker,
    Setup,
    Source,
    TicketSink,
    TimeAuthority,
)
from correlate.ports_store import Store
from jobs.config import Config, ConnectorConfig
from jobs.settings import Surroundings, build, environment

if TYPE_CHECKING:
    from connectors.ledger_key import LedgerKey


@dataclass(frozen=True, slots=True)
class Wiring:
    """Builds what a configuration names. Nothing here opens a file or a connection."""

    config: Config
    kinds: tuple[Kind, ...]

    def sources(self) -> list[Source]:
        """Return every configured source."""
        return [cast("Source", self.connector(item)) for item in self.config.of("source")]

    def feeds(self) -> list[PeopleFeed]:
        """Return every configured people feed."""
        return [cast("PeopleFeed", self.connector(item)) for item in self.config.of("people")]

    def issuers(self) -> list[Issuer]:
        """Return every configured issuer connector."""
        return [cast("Issuer", self.connector(item)) for item in self.config.of("issuer")]

    def inventories(self) -> list[Inventory]:
        """Return every configured list of an issuer."""
        return [cast("Inventory", self.connector(item)) for item in self.config.of("inventory")]

    def revokers(self) -> list[Revoker]:
        """Return the revoker of every configured issuer connector that has one."""
        found = (self._built(item, "connect_revoker") for item in self.config.of("issuer"))
        return [cast("Revoker", made) for made in found if made is not None]

    def sinks(self) -> list[TicketSink]:
        """Return every configured ticket system."""
        return [cast("TicketSink", self.connector(item)) for item in self.config.of("tickets")]

    def outlets(self) -> list[Outlet]:
        """Return every configured outlet of notices."""
        return [cast("Outlet", self.connector(item)) for item in self.config.of("outlet")]

    def store(self) -> Store:
        """Return the store; `Store.prepare` is the caller's to call."""
        return cast("Store", self.connector(self.config.store))

    def ledger_key(self) -> LedgerKey:
        """Return what signs the ledger's heads."""
        held = self.config.ledger
        path = self.config.organisation.state / "ledger.key"
        # it brings cryptography, which few commands need
        made = importlib.import_module("connectors.ledger_key").LedgerKey
        return cast("LedgerKey", made(path, held.key, held.former_keys))

    def time_authority(self, load: Callable[[str], Any] = importlib.import_module) -> TimeAuthority:
        """Return who stamps the ledger's heads. Raises ConfigError where nobody is configured, or the
        library is missing.
        """
        held = self.config.ledger
        if not held.timestamp_url or held.timestamp_roots is None:
            raise ConfigError(
                "Heads cannot be time-stamped", where="ledger",
                why="`timestamp_url` or `timestamp_roots` is not set", fix="set both",
            )  # fmt: skip
        try:
            module = load("connectors.timestamp")
        except ModuleNotFoundError as error:
            raise ConfigError(
                "Heads cannot be time-stamped", where="ledger.timestamp_url",
                why=f"{error.name} is not installed", fix="pip install 'offkey[timestamp]'",
            ) from None  # fmt: skip
        settings = module.Settings(
            held.timestamp_url,
            held.timestamp_roots,
            held.timestamp_internal_hosts,
            held.timestamp_proxy,
            held.timestamp_ca_file,
        )
        return cast("TimeAuthority", module.connect(settings))

    def connector(self, item: ConnectorConfig) -> Any:
        """Return one connector. Raises ConfigError for an unknown type or a wrong setting."""
        return self._built(item, "connect")

    def _built(self, item: ConnectorConfig, maker: str) -> Any:
        module = _module(item)
        if not hasattr(module, maker):
            return None
        around = Surroundings(self.config.path.resolve().parent, environment())
        settings = build(module.Settings, item.table, item.where, around)
        return getattr(module, maker)(settings, Setup(item.name, self.workdir(item), self.kinds))

    def workdir(self, item: ConnectorConfig) -> Path:
        """Return the folder a connector may keep mirrors and caches in."""
        state = self.config.organisation.state
        return state if item.role == "store" else state / f"{item.role}-{item.name}"


def types_of(role: str) -> list[str]:
    """Return the connector types that are installed for a role, sorted."""
    prefix = f"{role}_"
    names = (module.name for module in pkgutil.iter_modules(connectors.__path__))
    candidates = [name for name in names if name.startswith(prefix)]
    return sorted(
        name.removeprefix(prefix)
        for name in candidates
        if hasattr(importlib.import_module(f"connectors.{name}"), "connect")
    )


def _module(item: ConnectorConfig) -> Any:
    name = f"connectors.{item.role}_{item.type}"
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        module = None
    if module is None or not hasattr(module, "connect"):
        raise ConfigError(
            "An unknown connector type",
            where=f"{item.where}.type",
            why=f"there is no `{item.type}` for this section",
            fix=f"one of: {', '.join(types_of(item.role))}",
        )
    return module
