"""GitHub's lists: fine-grained tokens, credentials authorised for SAML, deploy keys, and a server's
own tokens and keys (Enterprise Server).

https://docs.github.com/en/rest/orgs/personal-access-tokens
https://docs.github.com/en/enterprise-cloud@latest/rest/orgs/orgs
https://docs.github.com/en/enterprise-server@latest/rest/enterprise-admin/users
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connectors import public_half
from connectors.github_app import App
from connectors.listing import (
    Item,
    Lists,
    bearer,
    inner,
    lasting,
    moment,
    name_of,
    rest_of,
    told,
    word,
    words,
)
from connectors.rest import Rest, segment
from correlate.errors import ConfigError
from correlate.listed import Hint, InventoryRow, InventorySnapshot, RowState
from correlate.model import Identity, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_PAGE = (("per_page", "100"),)
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_PERSON_GRANT = (
    "Revoke the token's access at the organisation's settings, Personal access tokens, Active tokens. "
    "The token itself stays with its owner."
)
_SAML = "Revoke the authorisation at the organisation's settings, or at the person's SAML page."
_KEY = "Delete the key at the repository's settings, Deploy keys."


@dataclass(frozen=True, slots=True)
class Settings:
    """`orgs` by login. Fine-grained tokens are shown to a GitHub App only (`app_id`,
    `installation_id`, `private_key`); a `token` of an owner reads the rest. Switch off what there
    is not: a list that is asked for and refused is a gap. `server` reads the
    site-wide lists of an Enterprise Server with a site administrator's token.
    """

    orgs: tuple[str, ...] = ()
    token: Secret | None = None
    app_id: str = ""
    installation_id: str = ""
    private_key: Secret | None = None
    fine_grained: bool = True
    saml: bool = True
    deploy_keys: bool = True
    server: bool = False
    base_url: str = "https://api.github.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> GithubInventory:
    """Return the lists. Raises ConfigError without a login. Asks nothing yet."""
    if settings.token is None and settings.private_key is None:
        raise ConfigError(
            "A setting is missing", where=f"inventory {setup.name}", why="there is no login",
            fix="give `token`, or `app_id`, `installation_id` and `private_key`",
        )  # fmt: skip
    return GithubInventory(setup.name, settings)


@dataclass(frozen=True, slots=True)
class GithubInventory:
    """`Inventory` of organisations, and of a server."""

    name: str
    settings: Settings

    def snapshot(self, now: datetime) -> InventorySnapshot:
        """Read every configured list."""
        own, rest = self.settings, self._rest(now)
        lists = Lists(self.name, now)
        for org in own.orgs:
            root = f"/orgs/{segment(org)}"
            if own.fine_grained:
                lists.read(
                    f"{org}: fine-grained tokens",
                    "a GitHub App with the organisation permission Personal access tokens (read)",
                    self._granted(rest, root, now),
                )
            if own.saml:
                lists.read(
                    f"{org}: SAML authorisations",
                    "an owner's token with scope read:org, in an organisation with SAML",
                    self._authorised(rest, root, now),
                )
            if own.deploy_keys:
                self._deploy_keys(rest, lists, org)
        if own.server:
            needs = "a site administrator's token with scope site_admin"
            lists.read("server: tokens", needs, self._tokens(rest, now))
            lists.read("server: keys", needs, self._keys(rest, "/admin/keys", "SSH key"))
        return lists.snapshot()

    def _rest(self, now: datetime) -> Rest:
        own = self.settings
        if own.token is not None:
            return rest_of(own, own.base_url, self.name, bearer(own.token), _HEADERS)
        if own.private_key is None:
            raise AssertionError("connect asked for a login")
        app = App(own.app_id, own.installation_id, own.private_key)
        nobody = rest_of(own, own.base_url, self.name, {}, _HEADERS)
        return rest_of(own, own.base_url, self.name, bearer(app.token(nobody, now)), _HEADERS)

    def _granted(self, rest: Rest, root: str, now: datetime) -> Iterator[InventoryRow]:
        for item in rest.listed(f"{root}/personal-access-tokens", _PAGE):
            owner = inner(item, "owner")
            expires_at, expires = told(item, "token_expires_at")
            state = RowState.EXPIRED if item.get("token_expired") is True else RowState.ACTIVE
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="github",
                what="fine-grained PAT",
                state=lasting(state, expires_at, now),
                kind="github_pat_fine_grained",
                name=word(item.get("token_name")),
                owners=_account(owner),
                owner_name=word(owner.get("login")),
                owner_is_person=_person(owner),
                created_at=moment(item.get("access_granted_at")),  # it is at least as old
                last_used_at=moment(item.get("token_last_used_at")),
                expires_at=expires_at,
                expires=expires,
                scopes=_permissions(inner(item, "permissions")),
                revoke_hint=_PERSON_GRANT,
            )

    def _authorised(self, rest: Rest, root: str, now: datetime) -> Iterator[InventoryRow]:
        for item in rest.listed(f"{root}/credential-authorizations", _PAGE):
            login, last8 = word(item.get("login")), word(item.get("token_last_eight"))
            expires_at, expires = told(item, "authorized_credential_expires_at")
            title = item.get("authorized_credential_note") or item.get(
                "authorized_credential_title"
            )
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "credential_id", self.name),
                issuer="github",
                what=word(item.get("credential_type")) or "credential",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(title),
                owners=(Identity("github", login),) if login else (),
                owner_name=login,
                created_at=moment(item.get("credential_authorized_at")),
                # by way of single sign-on; other uses are not told
                last_used_at=moment(item.get("credential_accessed_at")),
                expires_at=expires_at,
                expires=expires,
                scopes=words(item.get("scopes")),
                hints=(Hint("last8", last8),) if len(last8) == 8 else (),  # noqa: PLR2004
                revoke_hint=_SAML,
            )

    def _deploy_keys(self, rest: Rest, lists: Lists, org: str) -> None:
        needs = "read access to Administration of every repository"
        path = f"/orgs/{segment(org)}/repos"
        repositories = lists.names(f"{org}: repositories", needs, self._names(rest, path))
        for repository in repositories:
            keys = f"/repos/{segment(org)}/{segment(repository)}/keys"
            lists.read(
                f"{org}/{repository}: deploy keys", needs,
                self._keys(rest, keys, "deploy key"),
            )  # fmt: skip

    def _names(self, rest: Rest, path: str) -> Iterator[str]:
        for one in rest.listed(path, _PAGE):
            yield name_of(one, "name", self.name)

    def _keys(self, rest: Rest, path: str, usual: str) -> Iterator[InventoryRow]:
        for item in rest.listed(path, _PAGE):
            added_by, user = word(item.get("added_by")), word(item.get("user_id"))
            owners = [Identity("github-id", user)] if user else []
            owners += [Identity("github", added_by)] if added_by else []
            what = "deploy key" if item.get("repository_id") else usual
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="github",
                what=what,
                state=RowState.DISABLED if item.get("enabled") is False else RowState.ACTIVE,
                name=word(item.get("title")),
                owners=tuple(owners),
                owner_name=added_by or user,
                created_at=moment(item.get("created_at")),
                last_used_at=moment(item.get("last_used")),
                # https://docs.github.com/en/authentication/connecting-to-github-with-ssh/managing-deploy-keys
                expires=Truth.NO,
                scopes=("read",) if item.get("read_only") is True else ("read", "write"),
                hints=public_half.hint(item.get("key")),
                revoke_hint=_KEY
                if what == "deploy key"
                else "Delete the key as site administrator.",
            )

    def _tokens(self, rest: Rest, now: datetime) -> Iterator[InventoryRow]:
        for item in rest.listed("/admin/tokens", _PAGE):
            owner = inner(item, "user")
            hashed, last8 = word(item.get("hashed_token")), word(item.get("token_last_eight"))
            hints = [Hint("sha256", hashed)] if hashed else []  # unverified: base64 of SHA-256
            expires_at, expires = told(item, "expires_at")
            yield InventoryRow(
                source=self.name,
                container="",
                row_id=name_of(item, "id", self.name),
                issuer="github",
                what="token",
                state=lasting(RowState.ACTIVE, expires_at, now),
                name=word(item.get("note")),
                owners=_account(owner),
                owner_name=word(owner.get("login")),
                owner_is_person=_person(owner),
                created_at=moment(item.get("created_at")),
                expires_at=expires_at,
                expires=expires,
                scopes=words(item.get("scopes")),
                hints=(*hints, Hint("last8", last8)) if len(last8) == 8 else tuple(hints),  # noqa: PLR2004
                revoke_hint="Delete the token as site administrator (DELETE /admin/tokens/ID).",
            )


def _account(owner: Item) -> tuple[Identity, ...]:
    systems = (("github", "login"), ("github-id", "id"), ("mail", "email"))
    return tuple(
        Identity(system, handle) for system, key in systems if (handle := word(owner.get(key)))
    )


def _person(owner: Item) -> Truth:
    return {"User": Truth.YES, "Bot": Truth.NO, "Organization": Truth.NO}.get(
        word(owner.get("type")), Truth.UNKNOWN
    )


def _permissions(given: Item) -> tuple[str, ...]:
    return tuple(
        f"{word(name)}:{word(level)}"
        for area in ("organization", "repository", "other")
        for name, level in sorted(inner(given, area).items())[:100]
    )
