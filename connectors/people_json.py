"""Reads a personnel feed from a JSON API, whose answers the configuration describes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.feed_guard import check_age, refused
from connectors.feed_http import HttpFeedSettings, HttpPersonnel, Login, always, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import FOLLOWED, Listing
from connectors.feed_settings import personnel
from connectors.instants import instant
from connectors.json_path import texts, usable
from connectors.listing import Item, bearer
from connectors.oauth_client import ClientLogin, basic
from connectors.rest import Rest
from correlate.errors import ConfigError
from correlate.ports import Setup
from correlate.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """One login of: `token` (bearer), `user` with `password`, `header` with `header_value`, or
    `client_id` with `client_secret` at `token_url` (`login_in_body`: as form fields).

    `rows` is the dotted path to the list in each answer, empty where the answer is the list.
    `follow`, `next`, `parameter`, `size_parameter`, `size`, `first` and `total` say how the list
    goes on (see `connectors/feed_pages.py`). `written` is the dotted path to when the answer was
    made; with it `max_age_hours` counts.
    """

    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    rows: str = ""
    follow: str = ""
    next: str = ""
    parameter: str = ""
    size_parameter: str = ""
    size: int = 0
    first: int = 1
    total: str = ""
    written: str = ""
    max_age_hours: float = 36.0
    token: Secret | None = None
    user: str = ""
    password: Secret | None = None
    header: str = ""
    header_value: Secret | None = None
    client_id: str = ""
    client_secret: Secret | None = None
    token_url: str = ""
    scope: str = ""
    login_in_body: bool = False


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    where = f"people.{setup.name}"
    paths = {"rows": settings.rows, "next": settings.next, "total": settings.total,
             "written": settings.written}  # fmt: skip
    for name, path in paths.items():
        if path and not usable(path):
            raise _unmeant(f"{where}.{name}", "it is no path", "as in data.items or emails.0")
    people = personnel(settings, setup, settings.columns, settings.identities)
    reader = _Reader(setup.name, settings, _listing(settings, where))
    rest = feed_rest(settings, _origin(settings.url, where), setup.name)
    return HttpPersonnel(
        setup.name, JsonPersonnel(people), rest, _login(settings, setup.name, where), reader.read
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    feed: str
    settings: Settings
    listing: Listing

    def read(self, rest: Rest, now: datetime) -> Sequence[Item]:
        """Return all objects; refuse an answer that was made too long ago."""
        found, first = self.listing.read(rest)
        if self.settings.written:
            written = instant(_text(first, self.settings.written))
            if written is None:
                raise refused(self.feed, "it does not say when it was written", "check `written`")
            check_age(self.feed, written, now, self.settings.max_age_hours)
        return found


def _text(value: object, path: str) -> str:
    try:
        return "".join(texts(value, path) or ())
    except ValueError:
        return ""


def _listing(settings: Settings, where: str) -> Listing:
    if settings.follow not in FOLLOWED:
        known = ", ".join(filter(None, FOLLOWED))
        raise _unmeant(f"{where}.follow", "it is no way to go on", f"one of {known}")
    if settings.follow in ("cursor", "page", "offset") and not settings.parameter:
        raise _unmeant(f"{where}.parameter", "it is empty", "name what carries the next page")
    if settings.follow == "cursor" and not settings.next:
        raise _unmeant(f"{where}.next", "it is empty", "name where the cursor stands")
    url = urlsplit(settings.url)
    return Listing(
        path=url.path,
        rows=settings.rows,
        query=dict(parse_qsl(url.query, keep_blank_values=True)) | dict(settings.query),
        follow=settings.follow,
        next=settings.next,
        parameter=settings.parameter,
        size_parameter=settings.size_parameter,
        size=settings.size if settings.size_parameter else 0,
        first=settings.first,
        total=settings.total,
    )


def _origin(url: str, where: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise _unmeant(
            f"{where}.url", "it is no http(s) URL", "as in https://hr.example.com/people"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _login(settings: Settings, name: str, where: str) -> Login:
    ways: list[Login] = []
    if settings.token:
        ways.append(always(bearer(settings.token)))
    if settings.user and settings.password:
        ways.append(always(basic(f"{settings.user}:{settings.password.reveal()}")))
    if settings.header and settings.header_value:
        ways.append(always({settings.header: settings.header_value}))
    if settings.client_id and settings.client_secret and settings.token_url:
        client = ClientLogin(
            settings.token_url, settings.client_id, settings.client_secret, settings.scope,
            settings.login_in_body,
        )  # fmt: skip
        ways.append(lambda http, _: client.headers(http, name))
    if len(ways) != 1:
        raise _unmeant(
            f"{where}.token", f"{len(ways)} ways to log in are whole",
            "give one: token; user and password; header and header_value; client_id, "
            "client_secret and token_url",
        )  # fmt: skip
    return ways[0]


def _unmeant(where: str, why: str, fix: str) -> ConfigError:
    return ConfigError("a setting that cannot be meant", where=where, why=why, fix=fix)
