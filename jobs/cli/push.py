"""The inbound door as commands see it: its libraries are an extra, and loaded when it is opened."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from correlate.errors import ConfigError
from jobs.cli.context import App
from jobs.config import Config

Ring = Callable[[str, tuple[str, ...]], None]
Serving = Callable[[Ring], AbstractContextManager[None]]


def web(name: str, load: Callable[[str], Any] = importlib.import_module) -> Any:
    """Return the module `jobs.web.NAME`. Raises ConfigError where its libraries are missing."""
    try:
        return load(f"jobs.web.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "Pushed events cannot be taken", where="[[push]]", why=f"{error.name} is not installed",
            fix="pip install 'offkey[web]'",
        ) from None  # fmt: skip


def door(app: App, config: Config, listen: str) -> Serving:
    """Return what takes pushed events at `listen` while its block runs, and hands them to a bell;
    without an address it takes none. The address is bound at once.

    Raises ConfigError when it cannot be had, or nobody may hand events in.
    """
    if not listen:
        if config.push:
            app.say("[[push]] is configured, but no event is taken without --listen")
        return lambda _: nullcontext()
    if not config.push:
        raise ConfigError(
            "Nobody may hand events in", where="--listen", why="the configuration has no [[push]]",
            fix="add one for each sender, or leave --listen out",
        )  # fmt: skip
    server, application = web("server"), web("app").application
    senders = web("transmitters").transmitters(config)
    bound = server.listening(listen)
    host, port = bound.getsockname()[:2]
    names = ", ".join(sender.name for sender in senders)
    app.say(f"taking events at {host} port {port}, POST /push/NAME, of: {names}")
    if not server.is_inside(bound):
        app.say("others can reach this address and it speaks no TLS: put a proxy in front")
    serving: Callable[..., AbstractContextManager[None]] = server.serving
    return lambda ring: serving(application(senders, ring), bound)
