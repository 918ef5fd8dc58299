"""Every error that crosses a seam, and what its catcher does about it.

OffkeyError
|-- ConfigError      a setting is wrong                  stop, exit 2
|-- SourceError      a source or feed cannot be read     count it as not covered, go on, exit 3
|   `-- FeedRefused  a people feed failed its guards     keep the last good snapshot, exit 3
|-- AuthError        our own credential was refused      count it, go on, exit 4
|-- Unavailable      a dependency is down or throttles   retry later, exit 5
`-- Refused          the other side rejects this request, for good   record it, do not repeat
"""

from __future__ import annotations


class OffkeyError(Exception):
    """Says what failed, where, why, and which command or change comes next.

    None of the four texts may hold a secret, and no text from outside goes in
    unbounded: callers pass at most a status, a code or a name.
    """

    def __init__(self, what: str, *, where: str, why: str, fix: str) -> None:
        self.what, self.where, self.why, self.fix = what, where, why, fix
        super().__init__(f"{what} ({where}): {why}. Next: {fix}")


class ConfigError(OffkeyError):
    """A configuration key is missing, unknown or malformed; `where` is the key's full name."""


class SourceError(OffkeyError):
    """A source or feed could not be read to its end. What was read is not to be trusted as whole."""


class FeedRefused(SourceError):
    """A people feed arrived but failed a guard; the last good snapshot stays in force."""


class AuthError(OffkeyError):
    """A connector's own credential was refused. Never a statement about a found credential."""


class Unavailable(OffkeyError):
    """A dependency did not answer, or asked us to wait `retry_after` seconds (None: unsaid)."""

    def __init__(
        self, what: str, *, where: str, why: str, fix: str, retry_after: float | None = None
    ) -> None:
        super().__init__(what, where=where, why=why, fix=fix)
        self.retry_after = retry_after


class Refused(OffkeyError):
    """The other side understood the request and will not do it; repeating it is pointless."""
