"""Slack lists no tokens; its log of integrations tells who installed which app, and whether it was
removed since. A bot's token outlives the person who installed it.

https://docs.slack.dev/reference/methods/team.integrationLogs
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row, rows, unexpected
from connectors.listing import (
    Item,
    Lists,
    bearer,
    inner,
    moment,
    rest_of,
    word,
    words,
)
from connectors.rest import Rest
from correlate.errors import AuthError, Refused, Unavailable
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity
from correlate.ports import Setup
from correlate.secret import Secret

_NEEDS = "a user token of a workspace administrator with the scope admin"
_SIZE = 100
_LOGIN = frozenset(
    {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
)
_STATES = {"removed": RowState.REVOKED, "disabled": RowState.DISABLED}


@dataclass(frozen=True, slots=True)
class Settings:
    """`token` is an administrator's."""

    token: Secret
    base_url: str = "https://slack.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> SlackInventory:
    """Return the lists. Asks nothing yet."""
    rest = rest_of(settings, settings.base_url, setup.name, bearer(settings.token))
    return SlackInventory(setup.name, rest)


@dataclass(frozen=True, slots=True)
class SlackInventory:
    """`Inventory` of one workspace: an app as its newest log entry leaves it."""

    name: str
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read the whole log, newest first, and tell how each integration stands."""
        lists = Lists(self.name, now)
        lists.read("integrations", _NEEDS, self._integrations())
        return lists.snapshot()

    def _integrations(self) -> Iterator[InventoryRow]:
        newest: dict[str, Item] = {}
        oldest: dict[str, Item] = {}
        for item in list(self._log()):
            number = word(item.get("app_id")) or word(item.get("service_id"))
            if not number:
                raise unexpected(self.name)
            newest.setdefault(number, item)
            if word(item.get("change_type")) == "added":
                oldest[number] = item
        for number, item in newest.items():
            installed = oldest.get(number, item)
            user = word(installed.get("user_id"))
            title = word(item.get("app_type")) or word(item.get("service_type"))
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=number,
                issuer="slack",
                what="app installation",
                state=_STATES.get(word(item.get("change_type")), RowState.ACTIVE),
                name=title,
                owners=(Identity("slack-id", user),) if user else (),
                owner_name=word(installed.get("user_name")),
                created_at=moment(installed.get("date")),
                scopes=words(item.get("scope")),
                revoke_hint="Remove the app at the workspace's settings, Manage apps.",
            )

    def _log(self) -> Iterator[Item]:
        page = 1
        while True:
            query = [("count", str(_SIZE)), ("page", str(page))]
            answer = row(self.rest.get("/api/team.integrationLogs", query).value, self.name)
            if answer.get("ok") is not True:
                raise self._refusal(word(answer.get("error")))
            found = rows(answer.get("logs"), self.name)
            yield from found
            pages = inner(answer, "paging").get("pages")
            if not isinstance(pages, int) or (page < pages and not found):
                raise unexpected(self.name)
            if page >= pages:
                return
            page += 1

    def _refusal(self, code: str) -> AuthError | Refused | Unavailable:
        if code in _LOGIN:
            return AuthError(
                "our own login was refused", where=self.name, why=code, fix="check its token"
            )
        if code == "ratelimited":
            return Unavailable(
                "we were asked to wait", where=self.name, why=code, fix="run again later"
            )
        return Refused(
            "a request was rejected", where=self.name, why=code or "no reason", fix=f"give {_NEEDS}"
        )
