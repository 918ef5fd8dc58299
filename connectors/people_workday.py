"""Workday's personnel as a custom report that is a web service (RaaS), in JSON.

The report's author chooses the columns, so `columns` is yours to give; the rows stand under
Report_Entry, and prompts go in the query
(https://docs.workato.com/connectors/workday/workday_raas,
https://www.servicenow.com/docs/r/integrate-applications/erp-integration-framework/obtain-data-from-workday-using-raas.html).
Which workers it lists is the report's own choice, too: its data source and filter have to let those
in who left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.feed_http import HttpFeedSettings, HttpPersonnel, always, feed_rest
from connectors.feed_json import JsonPersonnel
from connectors.feed_pages import Listing
from connectors.feed_settings import personnel
from connectors.listing import Item
from connectors.oauth_client import basic
from connectors.rest import Rest
from correlate.errors import ConfigError
from correlate.ports import Setup
from correlate.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(HttpFeedSettings):
    """`report_url` is the report's JSON URL (View URLs, Web Service), `user` an integration system
    user as in "ISU_offkey@acme", `prompts` the report's prompts.
    """

    report_url: str
    user: str
    password: Secret
    prompts: Mapping[str, str] = field(default_factory=dict)


def connect(settings: Settings, setup: Setup) -> HttpPersonnel:
    """Return the feed; raises ConfigError for settings that cannot be meant. Asks nothing yet."""
    url = urlsplit(settings.report_url)
    if not url.netloc:
        raise ConfigError(
            "a setting that cannot be meant", where=f"people.{setup.name}.report_url",
            why="it is no URL", fix="copy the JSON URL of the report",
        )  # fmt: skip
    query = dict(parse_qsl(url.query, keep_blank_values=True)) | dict(settings.prompts)
    listing = Listing(url.path, "Report_Entry", query | {"format": "json"})

    def read(rest: Rest, _: datetime) -> Sequence[Item]:
        return listing.read(rest)[0]

    return HttpPersonnel(
        setup.name,
        JsonPersonnel(personnel(settings, setup, settings.columns, settings.identities)),
        feed_rest(settings, f"{url.scheme}://{url.netloc}", setup.name),
        always(basic(f"{settings.user}:{settings.password.reveal()}")),
        read,
    )
