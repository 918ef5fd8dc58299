"""What a person gives in words and the ledger keeps: it holds no credential."""

from __future__ import annotations

from correlate.errors import ConfigError
from jobs.revoke import quotes_a_secret
from jobs.scan import detector_for
from jobs.wiring import Wiring


def refuse_secrets(wiring: Wiring, text: str, where: str = "--reason") -> None:
    """Raise ConfigError for a text that holds a credential."""
    if quotes_a_secret(detector_for(wiring).find, text):
        raise ConfigError(
            "The text holds a credential", where=where, why="it would go into the ledger",
            fix="say it without",
        )  # fmt: skip
