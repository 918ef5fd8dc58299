"""GitLab's lists of personal, group and project access tokens.

https://docs.gitlab.com/api/personal_access_tokens/ (an administrator sees all),
https://docs.gitlab.com/api/groups/#list-all-personal-access-tokens-for-a-group (enterprise users),
https://docs.gitlab.com/api/group_access_tokens/, https://docs.gitlab.com/api/project_access_tokens/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.json_shape import row
from connectors.listing import Lists, lasting, moment, name_of, rest_of, told, word, words
from connectors.rest import Rest, segment
from correlate.errors import Refused
from correlate.listed import InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_API = "/api/v4"
_PAGE = (("per_page", "100"),)
_WHO = frozenset({403, 404})


@dataclass(frozen=True, slots=True)
class Settings:
    """`admin`: every token of the site, with an administrator's token (scope read_api or api).
    `enterprise_groups`: tokens of a top-level group's enterprise users (GitLab.com, Owner).
    `groups` and `projects`: their own access tokens, by full path.
    """

    token: Secret
    admin: bool = False
    enterprise_groups: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    base_url: str = "https://gitlab.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> GitlabInventory:
    """Return the lists. Asks nothing yet."""
    secrets = {"PRIVATE-TOKEN": settings.token}
    return GitlabInventory(
        setup.name, settings, rest_of(settings, settings.base_url, setup.name, secrets)
    )


@dataclass(frozen=True, slots=True)
class GitlabInventory:
    """`Inventory` of one GitLab."""

    name: str
    settings: Settings
    rest: Rest

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read every configured list."""
        lists, reading = Lists(self.name, now), _Reading(self.name, self.rest, now)
        if self.settings.admin:
            lists.read(
                "site: personal access tokens", "an administrator's token with scope api",
                self._all(reading),
            )  # fmt: skip
        for path in self.settings.enterprise_groups:
            lists.read(
                f"{path}: enterprise users' tokens", "an Owner's token of the top-level group",
                reading.tokens(
                    f"/groups/{segment(path)}/manage/personal_access_tokens", "personal access token"
                ),
            )  # fmt: skip
        for area, paths in (("groups", self.settings.groups), ("projects", self.settings.projects)):
            for path in paths:
                lists.read(
                    f"{path}: {area[:-1]} access tokens", "the role Owner or Maintainer there",
                    reading.tokens(
                        f"/{area}/{segment(path)}/access_tokens", f"{area[:-1]} access token"
                    ),
                )  # fmt: skip
        return lists.snapshot()

    def _all(self, reading: _Reading) -> Iterator[InventoryRow]:
        me = row(self.rest.get(f"{_API}/user").value, self.name)
        if me.get("is_admin") is not True:  # it would be given its own tokens, and no word of it
            raise Refused(
                "a list was not read", where=self.name, why="our login is no administrator",
                fix="use an administrator's token, or name groups and projects instead",
            )  # fmt: skip
        yield from reading.tokens("/personal_access_tokens", "personal access token")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One reading; who a user id is, is asked once."""

    name: str
    rest: Rest
    now: datetime
    users: dict[str, tuple[tuple[Identity, ...], str, Truth]] = field(default_factory=dict)

    def tokens(self, path: str, what: str) -> Iterator[InventoryRow]:
        for item in self.rest.listed(f"{_API}{path}", _PAGE):
            expires_at, expires = told(item, "expires_at")
            owners, owner_name, person = self._owner(word(item.get("user_id")))
            state = RowState.ACTIVE if item.get("active") is True else RowState.UNKNOWN
            if item.get("revoked") is True:
                state = RowState.REVOKED
            elif state is RowState.UNKNOWN and expires_at is not None and expires_at <= self.now:
                state = RowState.EXPIRED
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="gitlab",
                what=what if person is not Truth.NO or "personal" not in what else "bot's token",
                state=lasting(state, expires_at, self.now),
                name=word(item.get("name")),
                owners=owners,
                owner_name=owner_name,
                owner_is_person=Truth.NO if "personal" not in what else person,
                created_at=moment(item.get("created_at")),
                last_used_at=moment(item.get("last_used_at")),
                expires_at=expires_at,
                expires=expires,
                scopes=words(item.get("scopes")),
                revoke_hint=f"Revoke {what} {word(item.get('id'))} in GitLab.",
            )

    def _owner(self, user: str) -> tuple[tuple[Identity, ...], str, Truth]:
        if not user:
            return (), "", Truth.UNKNOWN
        if user not in self.users:
            answer = self.rest.get(f"{_API}/users/{segment(user)}", also=_WHO)
            known = answer.value if isinstance(answer.value, dict) and answer.status == 200 else {}  # noqa: PLR2004
            login, mail = word(known.get("username")), word(known.get("email"))
            bot = known.get("bot")
            person = {True: Truth.NO, False: Truth.YES}.get(bot) if isinstance(bot, bool) else None
            identities = [Identity("gitlab-id", user)]
            identities += [Identity("gitlab", login)] if login else []
            identities += [Identity("mail", mail)] if mail else []
            self.users[user] = tuple(identities), login or user, person or Truth.UNKNOWN
        return self.users[user]
