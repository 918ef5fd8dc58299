"""What a person gives in words and the ledger keeps: it holds no credential."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from correlate.errors import ConfigError
from jobs.revoke import quotes_a_secret
from jobs.scan import detector_for
from jobs.wiring import Wiring

Command = TypeVar("Command", bound=Callable[..., Any])


def refuse_secrets(wiring: Wiring, text: str, where: str = "--reason") -> None:
    """Raise ConfigError for a text that holds a credential."""
    if quotes_a_secret(detector_for(wiring).find, text):
        raise ConfigError(
            "The text holds a credential", where=where, why="it would go into the ledger",
            fix="say it without",
        )  # fmt: skip


def check_reason(wiring: Wiring, reason: str) -> None:
    """Raise ConfigError for a reason that says nothing, or holds a credential."""
    if not reason.strip():
        raise ConfigError(
            "No reason is given", where="--reason", why="what is recorded stands for years",
            fix="say in a few words why",
        )  # fmt: skip
    refuse_secrets(wiring, reason)


def worded(command: Command) -> Command:
    """Add to a command the options that say who speaks, and why."""
    for option in (
        click.option("--reason", required=True, help="Why; it goes into the ledger."),
        click.option(
            "--as", "speaker", required=True, envvar="OFFKEY_OPERATOR",
            help="Who you are: your mail address.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command
