"""A configuration with somebody who may hand events in."""

from __future__ import annotations

from tests.jobs.town import Town


def with_sender(town: Town, key: str) -> None:
    """Add the sender "hr", whose key is in a file."""
    (town.folder / "logins" / "push").write_text(key, encoding="utf-8")
    with town.config.open("a", encoding="utf-8") as written:
        written.write('\n[[push]]\ntype = "standard"\nname = "hr"\n')
        written.write('key = { file = "logins/push" }\n')
