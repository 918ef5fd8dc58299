"""ADP's workers, by Workers v2 (Workforce Now and its kin).

https://developers.adp.com/articles/general/introduction-to-adp-restful-apis: the list without a
filter is all workers, terminated ones included; pages are cut by $top and $skip
(https://developers.adp.com/articles/general/introduction-to-adp-api-open-data-protocol-odata) and
end with an answer without content. The fields are those of ADP's own description
(https://github.com/adpllc/marketplace-sample-payloads, wfn/hr/workers). ADP wants its client
certificate on every call, that for the token included
(https://developers.adp.com/articles/guides/auth-process-data-connector-apps).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.feed_http import HttpFeedSettings, HttpPersonnel, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.listing import Item
from connectors.oauth_client import ClientLogin
from connectors.rest import Rest
from correlate.errors import ConfigError
from correlate.ports import Setup
from correlate.secret import Secret

_PRIMARY = "workAssignments[primaryIndicator=true]"
# the associate's OID is the key of the human, the worker id that of the employment
COLUMNS: Mapping[str, str] = {
    "worker_id": "workerID.idValue",
    "person_key": "associateOID",
    "first_name": "person.legalName.givenName",
    "last_name": "person.legalName.familyName1",
    "email": "businessCommunication.emails.*.emailUri",
    "status": f"workerStatus.statusCode.codeValue|{_PRIMARY}.assignmentStatus.statusCode.codeValue",
    "worker_type": f"{_PRIMARY}.workerTypeCode.codeValue",
    "manager": f"{_PRIMARY}.reportsTo.0.workerID.idValue",
    "starts": "workerDates.rehireDate|workerDates.originalHireDate",
    "last_working_day": f"{_PRIMARY}.terminationDate",
    "ends": "workerDates.terminationDate",
}
STATUSES = {
    "active": "active", "a": "active", "leave": "on_leave", "l": "on_leave",
    "inactive": "left", "i": "left", "terminated": "left", "t": "left",
    "deceased": "left", "d": "left",
}  # fmt: skip
_LISTING = Listing(
    "/hr/v2/workers",
    rows="workers",
    follow="offset",
    parameter="$skip",
    size_parameter="$top",
    size=100,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """`client_cert` and `client_key` are ADP's certificate for the client and its key."""

    client_id: str
    client_secret: Secret
    base_url: str = "https://api.adp.com"
    token_url: str = "https://accounts.adp.com/auth/oauth/v2/token"  # noqa: S105 - an address


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    if not (settings.client_cert and settings.client_key):
        raise ConfigError(
            "a setting is missing", where=f"people.{setup.name}.client_cert",
            why="ADP asks its clients for a certificate", fix="give client_cert and client_key",
        )  # fmt: skip
    columns = {**COLUMNS, **settings.columns}
    client = ClientLogin(settings.token_url, settings.client_id, settings.client_secret)
    return HttpPersonnel(
        setup.name,
        JsonPersonnel(personnel(settings, setup, columns, settings.identities, STATUSES)),
        feed_rest(settings, settings.base_url, setup.name),
        lambda http, _: client.headers(http, setup.name),
        _read,
    )


def _read(rest: Rest, _: datetime) -> Sequence[Item]:
    return _LISTING.read(rest)[0]
