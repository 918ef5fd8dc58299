"""HiBob's people, by the search that lists those who left, too.

https://apidocs.hibob.com/docs/people-read-api-contract: one answer holds everybody; `showInactive`
is false unless it is said; a field that our service user may not see is left out without a word, so
that one which nobody has is a refusal and not a blank. Fields come nested or under their path with
slashes. Fields of lists hold ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.feed_http import HttpFeedSettings, HttpPersonnel, always, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.json_path import picked
from connectors.listing import Item
from connectors.oauth_client import basic
from connectors.rest import Rest
from correlate.ports import Setup
from correlate.secret import Secret

COLUMNS: Mapping[str, str] = {
    "worker_id": "root.id",
    "first_name": "root.firstName",
    "last_name": "root.surname",
    "email": "root.email",
    "status": "internal.lifecycleStatus",
    "unit": "work.department",
    "manager": "work.manager",
    "starts": "work.startDate",
    "last_working_day": "employee.lastDayOfWork",
    "ends": "internal.terminationDate",
}
# garden leave ends access though the employment goes on
STATUSES = {
    "employed": "active", "active": "active", "hired": "active", "invited": "active",
    "onleave": "on_leave", "on leave": "on_leave", "parentalleave": "on_leave",
    "gardenleave": "left", "garden leave": "left", "terminated": "left", "inactive": "left",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """A service user's id and token; it needs access to the data of former employees, and to the
    categories of the fields that `columns` names (as "work.startDate").
    """

    user: str
    token: Secret
    base_url: str = "https://api.hibob.com"


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    columns = {**COLUMNS, **settings.columns}
    people = personnel(settings, setup, columns, settings.identities, STATUSES)
    asked = sorted({part for path in people.how.wanted for part in path.split("|")})
    body = {"fields": asked, "showInactive": True}
    listing = Listing("/v1/people/search", rows="employees", body=body)

    def read(rest: Rest, _: datetime) -> Sequence[Item]:
        return [_nested(one, asked) for one in listing.read(rest)[0]]

    return HttpPersonnel(
        setup.name,
        JsonPersonnel(people, every_field=True),
        feed_rest(settings, settings.base_url, setup.name),
        always(basic(f"{settings.user}:{settings.token.reveal()}")),
        read,
    )


def _nested(employee: Item, asked: Sequence[str]) -> Item:
    """Return the fields under their dotted names, wherever the answer keeps them."""
    found = {name: _values(employee, name) for name in asked}
    return {name: values[0] for name, values in found.items() if values}


def _values(employee: Item, name: str) -> Sequence[object]:
    slashed = employee.get(f"/{name.replace('.', '/')}")
    if isinstance(slashed, dict) and "value" in slashed:
        return [slashed["value"]]
    return [*picked(employee, name), *picked(employee, name.removeprefix("root."))]
