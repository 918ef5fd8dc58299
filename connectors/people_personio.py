"""Personio's persons and their employments, by API v2.

https://developer.personio.de/reference/get_v2-persons lists persons of every status unless a status
is asked for; https://developer.personio.de/reference/get_v2-persons-person-id-employments lists the
spells of each with their termination. The reference calls the last day `last_working_day`, its
examples and real answers `last_working_date`: either is read. `terminated_at` is the day of the
notice. Each attribute has to be readable by the API's credential, else it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.feed_http import HttpFeedSettings, HttpPersonnel, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.json_path import picked
from connectors.json_shape import text
from connectors.listing import Item
from connectors.oauth_client import ClientLogin
from connectors.rest import Rest, segment
from correlate.errors import SourceError
from correlate.ports import Setup
from correlate.secret import Secret

# an employment is read with its person beside it; the supervisor is a person
COLUMNS: Mapping[str, str] = {
    "worker_id": "who.id",
    "first_name": "who.first_name",
    "last_name": "who.last_name",
    "email": "who.email",
    "status": "status",
    "worker_type": "type",
    "employer": "legal_entity.id",
    "unit": "org_units[type=department].id",
    "manager": "supervisor.id",
    "starts": "employment_start_date",
    "announced": "termination.terminated_at",
    "last_working_day": "termination.last_working_date|termination.last_working_day",
    "ends": "termination.termination_date|employment_end_date",
}
STATUSES = {
    "active": "active", "onboarding": "active", "leave": "on_leave", "inactive": "left",
    "unspecified": "unknown",
}  # fmt: skip
_PAGE = 50  # the most that one page holds
_NEXT = "_meta.links.next.href"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """The client's id and secret are made under Settings, Integrations, API credentials, with the
    right to read persons and employments.
    """

    client_id: str
    client_secret: Secret
    base_url: str = "https://api.personio.de"


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    columns = {**COLUMNS, **settings.columns}
    people = personnel(settings, setup, columns, settings.identities, STATUSES)
    client = ClientLogin(
        f"{settings.base_url.rstrip('/')}/v2/auth/token", settings.client_id,
        settings.client_secret, in_body=True,
    )  # fmt: skip
    return HttpPersonnel(
        setup.name,
        JsonPersonnel(people),
        feed_rest(settings, settings.base_url, setup.name),
        lambda http, _: client.headers(http, setup.name),
        _read,
    )


def _read(rest: Rest, _: datetime) -> Sequence[Item]:
    return [one for person in _listed(rest, "/v2/persons") for one in _spells(rest, person)]


def _spells(rest: Rest, person: Item) -> Iterator[Item]:
    """Yield a person's employments. Raises SourceError for fewer than the person names."""
    key = text(person, "id", rest.system)
    found = _listed(rest, f"/v2/persons/{segment(key)}/employments")
    named = {str(one) for one in picked(person, "employments.*.id")}
    if named - {str(one.get("id")) for one in found}:
        raise SourceError(
            "a list came back short", where=rest.system,
            why="a person names an employment that is not listed", fix="run again later",
        )  # fmt: skip
    yield from ({**one, "who": person} for one in found)


def _listed(rest: Rest, path: str) -> list[Item]:
    listing = Listing(path, "_data", follow="link", next=_NEXT, size_parameter="limit", size=_PAGE)
    return listing.read(rest)[0]
