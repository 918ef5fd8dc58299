"""The log: structured lines on standard error, of our own events only."""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any


def configure(*, debug: bool) -> None:
    """Log warnings and worse, or everything of ours with `debug`.

    Libraries stay at warnings even then: their debug lines hold requests and headers.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    logging.getLogger("offkey").setLevel(logging.DEBUG if debug else logging.WARNING)


def logger() -> Any:
    """Return what our events are logged with. Its library is loaded here: few commands log anything."""
    structlog = importlib.import_module("structlog")
    if not structlog.is_configured():
        level = logging.getLogger("offkey").getEffectiveLevel()
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(level),
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
            cache_logger_on_first_use=False,
        )
    return structlog.get_logger("offkey")
