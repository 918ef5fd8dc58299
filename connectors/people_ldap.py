"""Reads a directory over LDAP: all of it, or nothing.

ldap3's `search` returns True for a truncated answer, so the result code is judged; its
Server(use_ssl=True) verifies no certificate, so a Tls with CERT_REQUIRED is given; its own
formatting of values is not used (see `connectors.directory`).
"""

from __future__ import annotations

import contextlib
import math
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import (
    LDAPException,
    LDAPSocketOpenError,
    LDAPSSLConfigurationError,
    LDAPStartTLSError,
)

from connectors.directory import Judged, Raw, Reading, reading
from connectors.feed_guard import check_fall
from correlate.errors import AuthError, ConfigError, OffkeyError, SourceError, Unavailable
from correlate.model import PeopleSnapshot
from correlate.ports import Setup
from correlate.secret import Secret

_PAGED = "1.2.840.113556.1.4.319"  # RFC 2696
_SHOW_DELETED = ("1.2.840.113556.1.4.417", True, None)
_SUCCESS, _SIZE_LIMIT, _STRONGER_AUTH, _BAD_LOGIN = 0, 4, 8, 49
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PAGES_MAX = 100_000
_PROBLEMS_MAX = 200
_FILTERS = {
    "openldap": "(objectClass=person)",
    "ad": "(&(objectCategory=person)(objectClass=user))",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`url` is ldaps://host[:port], or ldap:// with `start_tls`; plain ldap:// is for loopback
    with `allow_plain`. The certificate is verified against `ca_file` or the system's store,
    and must name the host. `disabled_marker` is "attribute=value". `deleted_base`, for "ad",
    also reads deleted accounts below it (the domain's own name).
    """

    url: str
    base: str
    user: str
    password: Secret
    flavour: str = "openldap"
    filter: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    disabled_marker: str = ""
    deleted_base: str = ""
    start_tls: bool = False
    allow_plain: bool = False
    ca_file: Path | None = None
    page_size: int = 500
    timeout_s: float = 30.0
    max_fall_percent: float = 20.0


def connect(settings: Settings, setup: Setup) -> LdapPeople:
    """Return the feed; raises ConfigError for settings that cannot be safe or meant."""
    url = urlsplit(settings.url)
    where = f"people.{setup.name}"
    plain = url.scheme == "ldap" and not settings.start_tls
    if url.scheme not in ("ldap", "ldaps") or not url.hostname:
        raise _config(f"{where}.url", "it is not ldaps://host or ldap://host")
    if plain and not (settings.allow_plain and url.hostname in _LOOPBACK):
        raise _config(f"{where}.url", "the password would go over the wire unprotected")
    if not settings.user or not len(settings.password):
        raise _config(f"{where}.user", "a bind without a password proves nothing")
    try:
        how = reading(settings.flavour, settings.attributes, settings.disabled_marker)
    except ValueError as error:
        raise _config(where, str(error)) from None
    return LdapPeople(setup.name, settings, how)


def _config(where: str, why: str) -> ConfigError:
    return ConfigError(
        "a setting is not usable", where=where, why=why, fix="see the connector's docs"
    )


class LdapPeople:
    """The accounts of one directory. Absence in it is no departure."""

    def __init__(self, name: str, settings: Settings, how: Reading) -> None:
        self.name = name
        self._settings, self._how = settings, how

    def snapshot(self, now: datetime, last: PeopleSnapshot | None) -> PeopleSnapshot:
        """Return all accounts. Raises SourceError when the answer was cut at any point."""
        judged = Judged()
        try:
            connection = self._connection()
            try:
                self._bind(connection)
                for name, raw in self._entries(connection):
                    judged.add(name, raw, self._how)
            finally:
                _hang_up(connection)
        except OffkeyError:
            raise
        except (LDAPSocketOpenError, LDAPStartTLSError, LDAPSSLConfigurationError) as error:
            raise self._unavailable(type(error).__name__) from None
        except Exception as error:  # noqa: BLE001  # its decoder raises whatever a bad answer causes
            # their texts quote names and filters; the type says enough
            raise self._broken(f"the connection failed ({type(error).__name__})") from None
        taken = PeopleSnapshot(
            self.name, now, complete=True, digest=judged.digest,
            accounts=tuple(judged.accounts), problems=tuple(judged.problems[:_PROBLEMS_MAX]),
        )  # fmt: skip
        check_fall(taken, last, self._settings.max_fall_percent)
        return taken

    def _connection(self) -> Any:
        settings, url = self._settings, urlsplit(self._settings.url)
        tls = ldap3.Tls(
            validate=ssl.CERT_REQUIRED,
            ca_certs_file=str(settings.ca_file) if settings.ca_file else None,
        )
        secure = url.scheme == "ldaps"
        server = ldap3.Server(
            url.hostname,
            port=url.port or (636 if secure else 389),
            use_ssl=secure,
            tls=tls,
            get_info=ldap3.NONE,
            connect_timeout=settings.timeout_s,
        )
        return ldap3.Connection(
            server,
            user=settings.user,
            password=settings.password.reveal(),
            authentication=ldap3.SIMPLE,
            client_strategy=ldap3.SYNC,
            auto_referrals=False,  # they would be followed with our password
            auto_range=True,
            check_names=False,
            read_only=True,
            raise_exceptions=False,
            receive_timeout=math.ceil(settings.timeout_s),  # it takes whole seconds only
        )

    def _bind(self, connection: Any) -> None:
        connection.open()
        if self._settings.start_tls and not connection.start_tls():
            raise self._unavailable("TLS was not started")
        if connection.bind():
            return
        code = connection.result["result"]
        if code == _STRONGER_AUTH:
            why = "the server asks for TLS or signing"
        elif code == _BAD_LOGIN:
            why = "wrong name or password, or the account is locked"
        else:
            why = f"result code {code}"
        raise AuthError(
            "our own login was refused", where=self.name, why=why,
            fix="check the bind account and `start_tls`",
        )  # fmt: skip

    def _entries(self, connection: Any) -> Iterator[tuple[str, Raw]]:
        settings = self._settings
        wanted = settings.filter or _FILTERS[settings.flavour]
        yield from self._search(connection, settings.base, wanted, ())
        if settings.deleted_base:
            gone = "(&(objectClass=user)(isDeleted=TRUE))"
            yield from self._search(connection, settings.deleted_base, gone, (_SHOW_DELETED,))

    def _search(
        self, connection: Any, base: str, wanted: str, controls: Sequence[object]
    ) -> Iterator[tuple[str, Raw]]:
        cookie: bytes | None = None
        for _ in range(_PAGES_MAX):
            connection.search(
                base,
                wanted,
                search_scope=ldap3.SUBTREE,
                dereference_aliases=ldap3.DEREF_NEVER,
                attributes=self._how.wanted,
                paged_size=self._settings.page_size,
                paged_cookie=cookie,
                controls=list(controls) or None,
            )
            self._check(connection.result)
            yield from _found(connection.response or ())
            cookie = _cookie(connection.result)
            if not cookie:
                return
        raise self._broken("its pages do not end")

    def _check(self, result: Mapping[str, Any]) -> None:
        code = result.get("result")
        if code == _SUCCESS:
            return
        if code == _SIZE_LIMIT:
            raise self._broken("the server's size limit cut the answer")
        raise self._broken(f"a search ended with result code {code}")

    def _broken(self, why: str) -> SourceError:
        return SourceError(
            "the directory was not read to its end", where=self.name, why=why,
            fix="run again; if it stays so, check limits and network",
        )  # fmt: skip

    def _unavailable(self, name: str) -> Unavailable:
        return Unavailable(
            "the directory cannot be reached", where=self.name, why=f"no trusted connection ({name})",
            fix="check url, ca_file and the certificate's host name",
        )  # fmt: skip


def _hang_up(connection: Any) -> None:
    """End the connection in whatever state it is: ldap3 leaves sockets open that failed."""
    with contextlib.suppress(LDAPException, OSError):
        connection.unbind()
    if connection.socket is not None:
        with contextlib.suppress(OSError):
            connection.socket.close()


def _found(response: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Raw]]:
    """Yield the entries only: references to other servers come among them."""
    for entry in response:
        if entry.get("type") == "searchResEntry":
            raw = entry["raw_attributes"]
            yield str(entry["dn"]), {str(k).casefold(): tuple(v) for k, v in raw.items() if v}


def _cookie(result: Mapping[str, Any]) -> bytes | None:
    control = (result.get("controls") or {}).get(_PAGED)
    value = control["value"]["cookie"] if control else None
    return bytes(value) if value else None
