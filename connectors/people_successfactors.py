"""SAP SuccessFactors' employments, by OData v2, with the user of each.

EmpEmployment has a row for every employment, with its last day (`endDate`, inclusive:
https://userapps.support.sap.com/sap/support/knowledge/en/3678614) and the last day worked. What a
query gives without a word on status is active users only, so active (t, T) and inactive (f, F) are
asked for by name (https://userapps.support.sap.com/sap/support/knowledge/en/2736579,
https://learn.microsoft.com/en-us/entra/identity/app-provisioning/sap-successfactors-integration-reference).
Pages of at most 1000 follow `__next`; a snapshot on the server keeps them of one moment
(https://userapps.support.sap.com/sap/support/knowledge/en/2723468).

The login is an OAuth client's SAML bearer assertion: SAP ended Basic logins to its APIs on
2026-11-20
(https://blogs.oracle.com/integration/action-required-retirement-of-sap-successfactors-basic-authentication-employee-central-sfapis-and-legacy-people-profile-apis).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from connectors.feed_http import HttpFeedSettings, HttpPersonnel, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.listing import Item
from connectors.rest import Rest
from connectors.saml_bearer import SamlLogin
from correlate.ports import Setup
from correlate.secret import Secret

# one human may have several employments, each with a user of its own
COLUMNS: Mapping[str, str] = {
    "worker_id": "userId",
    "person_key": "personIdExternal",
    "first_name": "userNav.firstName",
    "last_name": "userNav.lastName",
    "email": "userNav.email",
    "status": "userNav.status",
    "manager": "userNav.manager.userId",
    "unit": "userNav.department",
    "starts": "startDate",
    "last_working_day": "lastDateWorked",
    "ends": "endDate",
    "zone": "userNav.timeZone",
}
STATUSES = {
    "t": "active", "active": "active", "active_external": "active",
    "f": "left", "inactive": "left", "inactive_external": "left",
}  # fmt: skip
_AUDIENCE = "www.successfactors.com"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"/Date\((-?\d{1,15})([+-]\d{4})?\)/", re.ASCII)
_LISTING = Listing(
    "/odata/v2/EmpEmployment",
    rows="d.results",
    query={
        "$format": "json",
        "$expand": "userNav,userNav/manager",
        "$filter": "userNav/status in 't','f','T','F'",
        "paging": "snapshot",
    },
    follow="link",
    next="d.__next",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """`base_url` is the company's API server, as in https://api4.successfactors.com; `client_id`
    the API key of an OAuth client, whose certificate belongs to `private_key` (PEM); `user` the
    technical user on whose rights it reads.
    """

    base_url: str
    company_id: str
    client_id: str
    user: str
    private_key: Secret


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    columns = {**COLUMNS, **settings.columns}
    login = SamlLogin(
        f"{settings.base_url.rstrip('/')}/oauth/token",
        issuer=_AUDIENCE,
        audience=_AUDIENCE,
        user=settings.user,
        private_key=settings.private_key,
        attributes={"api_key": settings.client_id},
        form={"company_id": settings.company_id, "client_id": settings.client_id},
    )
    return HttpPersonnel(
        setup.name,
        JsonPersonnel(personnel(settings, setup, columns, settings.identities, STATUSES)),
        feed_rest(settings, settings.base_url, setup.name),
        lambda http, now: login.headers(http, now, setup.name),
        _read,
    )


def _read(rest: Rest, _: datetime) -> Sequence[Item]:
    return [_dated(one) for one in _LISTING.read(rest)[0]]


def _dated(item: Item) -> Item:
    """Return an object with its /Date(milliseconds)/ as days and instants, inner objects too."""
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return _dated(value)
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    try:
        at = _EPOCH + timedelta(milliseconds=int(found[1]))
    except OverflowError:
        return value
    # a day is written as its midnight in UTC (OData v2, Edm.DateTime)
    whole: date | datetime = at.date() if at.time() == time.min and not found[2] else at
    return whole.isoformat()
