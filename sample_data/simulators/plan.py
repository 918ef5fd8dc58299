"""What the vendors know when they start, as plain values that can be written to a file."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints


class Status(StrEnum):
    """How an issuer treats a token it once gave out."""

    LIVE = "live"
    REVOKED = "revoked"
    EXPIRED = "expired"
    LIMITED = "limited"  # valid, but not for the call that asks about it: 403
    THROTTLED = "throttled"  # every question is answered 429
    SUSPENDED = "suspended"  # the account is blocked, the token's row still stands


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a vendor says a token belongs to."""

    id: str
    login: str
    name: str = ""
    email: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """One credential as its issuer holds it. `label` is what people and tests call it."""

    label: str
    vendor: str
    secret: str = field(repr=False)
    account: Account
    status: Status = Status.LIVE
    scopes: tuple[str, ...] = ()
    created_at: str = "2024-01-01T00:00:00Z"
    expires_at: str = ""
    last_used_at: str = ""


@dataclass(frozen=True, slots=True)
class CiVariable:
    """A CI variable. `readable` False: the forge shows its name and dates, never its value."""

    name: str
    value: str = field(default="", repr=False)
    created_at: str = "2024-01-01T00:00:00Z"
    updated_at: str = "2024-01-01T00:00:00Z"
    readable: bool = True
    masked: bool = False
    protected: bool = False
    scope: str = "*"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with access. `access` is GitLab's level or GitHub's role name."""

    account: Account
    access: str


@dataclass(frozen=True, slots=True)
class Place:
    """A repository, project or group, or an environment of a repository (`places`)."""

    id: int
    path: str
    variables: tuple[CiVariable, ...] = ()
    members: tuple[Member, ...] = ()
    places: tuple[Place, ...] = ()
    fork: bool = False


@dataclass(frozen=True, slots=True)
class Forge:
    """A GitHub organisation or a GitLab instance: its own variables, and what is in it.

    GitHub: `path` is the organisation, `places` its repositories. GitLab: `path` is the
    host's name, `places` its groups, whose `places` are projects.
    """

    path: str
    variables: tuple[CiVariable, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Logins:
    """What offkey's own connectors sign in with."""

    github: str = field(repr=False)
    gitlab: str = field(repr=False)
    jira_email: str
    jira_token: str = field(repr=False)
    jira_dc_token: str = field(repr=False)
    servicenow_user: str
    servicenow_password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole outside world at its start."""

    logins: Logins
    github: Forge
    gitlab: Forge
    jira_project: str = "SEC"
    tokens: tuple[IssuedToken, ...] = ()
    assignment_groups: tuple[str, ...] = ()


def read(kind: Any, value: Any) -> Any:
    """Return plain JSON `value` as the dataclass (or tuple of them) that `kind` names.

    Raises KeyError or TypeError where the value does not fit. Written by `dataclasses.asdict`.
    """
    if get_origin(kind) is tuple:
        return tuple(read(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{f.name: read(hints[f.name], value[f.name]) for f in fields(kind)})
    return kind(value)
