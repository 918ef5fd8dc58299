"""Who may hand events in: `[[push]]` of the configuration, by type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from correlate.errors import ConfigError
from jobs.config import Config, ConnectorConfig
from jobs.settings import Surroundings, build, environment
from jobs.web import hibob_hook, okta_hook, security_event, standard_webhook
from jobs.web.delivery import Transmitter

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class _Type:
    settings: type[Any]
    connect: Callable[[str, Any, str], Transmitter]


_TYPES: Mapping[str, _Type] = {
    "hibob": _Type(hibob_hook.Settings, hibob_hook.connect),
    "okta": _Type(okta_hook.Settings, okta_hook.connect),
    "secevent": _Type(security_event.Settings, security_event.connect),
    "standard": _Type(standard_webhook.Settings, standard_webhook.connect),
}


def transmitters(config: Config) -> list[Transmitter]:
    """Return every configured sender. Raises ConfigError, as `transmitter` does."""
    return [transmitter(config, item) for item in config.push]


def transmitter(config: Config, item: ConnectorConfig) -> Transmitter:
    """Return one sender. Raises ConfigError for an unknown type, a name that is no part of a path,
    or keys that cannot be used.
    """
    if item.type not in _TYPES:
        raise ConfigError(
            "An unknown type of sender", where=f"{item.where}.type",
            why=f"there is no `{item.type}` for this section", fix=f"one of: {', '.join(_TYPES)}",
        )  # fmt: skip
    if not _NAME.fullmatch(item.name):
        raise ConfigError(
            "A name cannot be used", where=f"{item.where}.name", why="it is a part of an address",
            fix="write letters, digits, - and _ only",
        )  # fmt: skip
    found = _TYPES[item.type]
    around = Surroundings(config.path.resolve().parent, environment())
    return found.connect(
        item.name, build(found.settings, item.table, item.where, around), item.where
    )
