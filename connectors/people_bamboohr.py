"""BambooHR's people, by the `employee` dataset.

https://documentation.bamboohr.com/reference/get-data-from-dataset-v2. Unfiltered lists of BambooHR
hold active people only, so both standings are asked for by name. Future hires are "Inactive" in
datasets: who has not begun has not left. A field that our login may not read comes empty, and is
named in `_restrictedFields` of its row: such an answer is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.feed_guard import refused
from connectors.feed_http import HttpFeedSettings, HttpPersonnel, always, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.json_path import picked
from connectors.listing import Item, inner
from connectors.oauth_client import basic
from connectors.rest import Rest
from correlate.ports import Setup
from correlate.secret import Secret

# `eeid` is the id that stays; `employeeNumber` can be edited
COLUMNS: Mapping[str, str] = {
    "worker_id": "eeid",
    "first_name": "firstName",
    "last_name": "lastName",
    "email": "email",
    "status": "status",
    "manager": "supervisorEid",
    "unit": "jobInformationDepartment",
    "starts": "hireDate",
    "ends": "terminationDate",
}
STATUSES = {"active": "active", "inactive": "left"}
_PAGE = 1000  # the most that one page holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """`base_url` is the company's, as in https://acme.bamboohr.com; `columns` names fields of the
    dataset, as GET /api/v1_2/datasets/employee/fields lists them.
    """

    base_url: str
    api_key: Secret


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    columns = {**COLUMNS, **settings.columns}
    people = personnel(settings, setup, columns, settings.identities, STATUSES)
    asked = sorted({part for path in people.how.wanted for part in path.split("|")})
    listing = Listing(
        "/api/v2/datasets/employee/data",
        rows="data",
        body={
            "fields": asked,
            "filter": "status in ('Active','Inactive')",
            "orderBy": f"{columns['worker_id']} asc",
        },
        follow="page",
        parameter="page",
        size_parameter="pageSize",
        size=_PAGE,
        total="meta.totalItems",
    )

    def read(rest: Rest, _: datetime) -> Sequence[Item]:
        return list(_fields(listing.read(rest)[0], asked, setup.name))

    return HttpPersonnel(
        setup.name,
        JsonPersonnel(people, every_field=True),
        feed_rest(settings, settings.base_url, setup.name),
        # https://documentation.bamboohr.com/docs/getting-started: the key as the user's name
        always(basic(f"{settings.api_key.reveal()}:x")),
        read,
    )


def _fields(rows: Sequence[Item], asked: Sequence[str], feed: str) -> Iterator[Item]:
    for row in rows:
        fields = inner(row, "fields")
        hidden = {str(one) for one in picked(row, "_restrictedFields.*")}
        hidden |= {str(one) for one in picked(fields, "_restrictedFields.*")}
        if any(name in hidden or f"employee_{name}" in hidden for name in asked):
            raise refused(
                feed, "our login may not read some of its fields",
                "give the key's user the right to see them, or map them to an empty text",
            )  # fmt: skip
        yield fields
