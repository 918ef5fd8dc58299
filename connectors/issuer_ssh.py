"""Matches private keys with the lists of public keys that name whom each lets in. Never logs in.

Read are configured GitHub and GitLab logins (https://github.com/LOGIN.keys, and the same of a GitLab:
https://docs.github.com/en/rest/users/keys, https://docs.gitlab.com/user/ssh/), and files
in the form of authorized_keys. No private key leaves the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from connectors.http import Call, Http, one_attempt
from connectors.once import Once, unasked
from connectors.public_half import Locked, fingerprint, listed, ssh_line
from correlate.errors import OffkeyError
from correlate.kind import Kind
from correlate.model import Identity, KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_FILE_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """`github_logins` and `gitlab_logins` are whose public keys are read, `authorized_keys` files."""

    github_logins: tuple[str, ...] = ()
    gitlab_logins: tuple[str, ...] = ()
    authorized_keys: tuple[Path, ...] = ()
    github: str = "https://github.com"
    gitlab: str = "https://gitlab.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> SshIssuer:
    """Return the issuer for all kinds in force that are matched with lists of public keys."""
    return SshIssuer(setup.name, setup.kinds, settings, Http(one_attempt(settings, 1024 * 1024)))


@dataclass(frozen=True, slots=True)
class _Place:
    """One inventory: an address or a file, and the account it speaks of."""

    name: str
    url: str = ""
    file: Path | None = None
    identities: tuple[Identity, ...] = ()


class _Busy(Exception):
    """We were asked to wait."""


class SshIssuer:
    """A match is LIVE; no match is UNKNOWN, never DEAD. Never raises."""

    def __init__(self, name: str, kinds: tuple[Kind, ...], settings: Settings, http: Http) -> None:
        self.name = name
        self.kinds = frozenset(
            kind.id
            for kind in kinds
            if kind.verification and kind.verification.via == "ssh_inventory"
        )
        self._places, self._http = tuple(_places(settings)), http
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return LIVE where an inventory lists the key's public half, with the account it names."""
        if kind not in self.kinds:
            return unasked(now)
        return self._once.ask(kind, secret, now, lambda: self._verify(secret, now))

    def _verify(self, secret: Secret, now: datetime) -> Liveness:
        unknown = Liveness(LivenessState.UNKNOWN, now, "")
        try:
            public = ssh_line(secret.reveal())
        except Locked:
            why = "the key is encrypted: its public half is not known"
            return replace(unknown, state=LivenessState.NOT_VERIFIABLE, reason=why)
        except ValueError as error:
            return replace(unknown, reason=str(error))
        failed, state = [], LivenessState.UNKNOWN
        for place in self._places:
            try:
                held = self._read(place)
            except (OffkeyError, OSError, ValueError):
                failed.append(place.name)
                continue
            except _Busy:
                failed.append(f"{place.name} which asks us to wait")
                state = LivenessState.RATE_LIMITED
                continue
            if public in held:
                return replace(
                    unknown,
                    state=LivenessState.LIVE,
                    reason=f"{place.name} lists this key ({fingerprint(public)})",
                    host=urlsplit(place.url).hostname or "",
                    method="GET public keys" if place.url else "read authorized_keys",
                    identities=place.identities,
                )
        if failed:
            why = f"no inventory read lists it; not read: {', '.join(failed[:5])}"
            return replace(unknown, state=state, reason=why)
        return replace(unknown, reason="no inventory that we read lists it")

    def _read(self, place: _Place) -> frozenset[bytes]:
        """Return the keys of one inventory; raises OffkeyError, OSError, ValueError or _Busy."""
        if place.file is not None:
            with place.file.open("rb") as file:
                data = file.read(_FILE_MAX + 1)
            if len(data) > _FILE_MAX:
                raise ValueError("the file is too large")
            return listed(data.decode("utf-8", "replace"))
        reply = self._http.send(Call("GET", place.url, {"Accept": "text/plain"}))
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise _Busy
        if reply.status != HTTPStatus.OK or reply.content_type != "text/plain":
            raise ValueError("no list of keys came")
        return listed(reply.body.decode("utf-8", "replace"))


def _places(settings: Settings) -> Iterator[_Place]:
    forges = (
        ("github", "GitHub", settings.github, settings.github_logins),
        ("gitlab", "GitLab", settings.gitlab, settings.gitlab_logins),
    )
    for system, name, base, logins in forges:
        for login in logins:
            url = f"{base.rstrip('/')}/{quote(login, safe='')}.keys"
            yield _Place(f"{name}, for {login},", url, None, (Identity(system, login),))
    for file in settings.authorized_keys:
        yield _Place(f"the file {file.name}", file=file)
