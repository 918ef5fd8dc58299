"""A personnel feed of an HR system over HTTP: its settings, its login, and one reading of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from connectors.feed_guard import refused
from connectors.feed_json import JsonPersonnel
from connectors.feed_settings import FeedSettings
from connectors.http import Http, policy_of
from connectors.json_shape import decoded_exactly
from connectors.listing import Item
from connectors.rest import Rest
from correlate.model import PeopleSnapshot
from correlate.secret import Secret

Login = Callable[[Http, datetime], Mapping[str, Secret]]
Read = Callable[[Rest, datetime], Sequence[Item]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFeedSettings(FeedSettings):
    """`columns` are dotted paths (see `connectors/json_path.py`); in a vendor's connector those
    that are named stand in for its own. `client_cert` and `client_key` (PEM) are for a server that
    asks its clients for a certificate.
    """

    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    timeout_s: float = 120.0
    spacing_s: float = 0.0
    max_bytes: int = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpPersonnel:
    """`PeopleFeed` of one HR system. `login` gives the headers of our login, `read` the objects of
    everybody; both may ask, and raise an OffkeyError when they do not get the whole.
    """

    name: str
    feed: JsonPersonnel
    rest: Rest
    login: Login
    read: Read

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return what the system says. Raises FeedRefused, and then nothing of it is believed."""
        rest = replace(self.rest, secrets=self.login(self.rest.http, now))
        try:
            return self.feed.snapshot(self.read(rest, now), now, last)
        except RecursionError:
            raise refused(self.name, "its objects lie too deep", "check the address") from None


def feed_rest(
    settings: HttpFeedSettings, base: str, name: str, headers: Mapping[str, str] | None = None
) -> Rest:
    """Return the API of one HR system, without a login."""
    policy = replace(
        policy_of(settings),
        spacing_s=settings.spacing_s,
        body_max=settings.max_bytes,
        client_cert=settings.client_cert,
        client_key=settings.client_key,
    )
    sent = {"Accept": "application/json", **(headers or {})}
    return Rest(Http(policy), base, name, sent, decode=decoded_exactly)


def always(headers: Mapping[str, Secret]) -> Login:
    """Return the login that is the same headers every time."""
    return lambda *_: headers
