"""One connection to an LDAP directory: all that a search finds, or an error.

ldap3's `search` returns True for a truncated answer, so the result code is judged; its own TLS
check is not used, nor its following of ranges, which ends in silence when a step of it fails.
"""

from __future__ import annotations

import contextlib
import math
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

from connectors.directory_ranges import whole
from connectors.directory_values import Raw
from correlate.errors import AuthError, OffkeyError, SourceError, Unavailable
from correlate.secret import Secret

_PAGED = "1.2.840.113556.1.4.319"  # RFC 2696
# deleted, tombstoned and recycled entries: [MS-ADTS] 3.1.1.3.4.1.26
_SHOW_DELETED = ("1.2.840.113556.1.4.2064", True, None)
_SUCCESS, _SIZE_LIMIT, _STRONGER_AUTH, _BAD_LOGIN = 0, 4, 8, 49
_NOT_HERE = (10, 32, 34, 50)  # in another directory, nowhere, not even a name, not for us
_PAGES_MAX = 100_000
_ANYTHING = "(objectClass=*)"
_UNREACHED = (LDAPSocketOpenError, LDAPStartTLSError, LDAPSSLConfigurationError)

Entry = tuple[str, Raw]


@dataclass(frozen=True, slots=True)
class Login:
    """Where the directory is and who asks. The certificate must name the host of `url`."""

    url: str
    user: str
    password: Secret
    start_tls: bool
    ca_file: Path | None
    timeout_s: float
    page_size: int


@contextlib.contextmanager
def opened(name: str, login: Login) -> Iterator[Line]:
    """Give a line that is logged in. Raises Unavailable when there is no trusted connection,
    AuthError when the login is refused.
    """
    line = Line(name, login)
    try:
        with line.guarded():
            line.bind()
        yield line
    finally:
        line.hang_up()


class Line:
    """Reads entries. Every method raises SourceError when the answer was cut at any point."""

    def __init__(self, name: str, login: Login) -> None:
        self.name = name
        self._login = login
        self._connection: Any = None

    def bind(self) -> None:
        """Connect and log in."""
        self._connection = connection = _connection(self._login)
        connection.open()
        if self._login.start_tls and not connection.start_tls():
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

    def entries(
        self, base: str, wanted: str, attributes: Sequence[str], *, deleted: bool = False
    ) -> Iterator[Entry]:
        """Yield all entries below `base` that match, page by page, with all their values. `deleted`
        shows deleted ones, too, to those who may see them.
        """
        cookie: bytes | None = None
        for _ in range(_PAGES_MAX):
            found, cookie = self._page(base, wanted, attributes, cookie, deleted=deleted)
            for name, raw in found:
                yield name, self._whole(name, raw, deleted=deleted)
            if not cookie:
                return
        raise self._broken("its pages do not end")

    def entry(self, name: str, attributes: Sequence[str], *, deleted: bool = False) -> Entry | None:
        """Return the one entry of that name, None where there is none here (or none that we may see)."""
        with self.guarded():
            self._connection.search(
                name, _ANYTHING, search_scope=ldap3.BASE, dereference_aliases=ldap3.DEREF_NEVER,
                attributes=list(attributes), controls=[_SHOW_DELETED] if deleted else None,
            )  # fmt: skip
            if self._connection.result.get("result") in _NOT_HERE:
                return None
            self._check(self._connection.result)
            return next(_found(self._connection.response or ()), None)

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Turn what the library raises into our errors; its texts quote names and filters."""
        try:
            yield
        except OffkeyError:
            raise
        except _UNREACHED as error:
            raise self._unavailable(type(error).__name__) from None
        except Exception as error:  # noqa: BLE001  # its decoder raises whatever a bad answer causes
            raise self._broken(f"the connection failed ({type(error).__name__})") from None

    def hang_up(self) -> None:
        """End the connection in whatever state it is: ldap3 leaves sockets open that failed."""
        if self._connection is None:
            return
        with contextlib.suppress(LDAPException, OSError):
            self._connection.unbind()
        if self._connection.socket is not None:
            with contextlib.suppress(OSError):
                self._connection.socket.close()

    def _page(
        self,
        base: str,
        wanted: str,
        attributes: Sequence[str],
        cookie: bytes | None,
        *,
        deleted: bool,
    ) -> tuple[list[Entry], bytes | None]:
        with self.guarded():
            self._connection.search(
                base,
                wanted,
                search_scope=ldap3.SUBTREE,
                dereference_aliases=ldap3.DEREF_NEVER,
                attributes=list(attributes),
                paged_size=self._login.page_size,
                paged_cookie=cookie,
                controls=[_SHOW_DELETED] if deleted else None,
            )
            result = self._connection.result
            self._check(result)
            return list(_found(self._connection.response or ())), _cookie(result)

    def _whole(self, name: str, raw: Raw, *, deleted: bool) -> Raw:
        def more(attribute: str) -> Raw:
            found = self.entry(name, [attribute], deleted=deleted)
            return found[1] if found else {}

        try:
            return whole(raw, more)
        except ValueError as error:
            raise self._broken(str(error)) from None

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


class _Tls(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """Lets the standard library check the certificate: ldap3's own check, in use from Python 3.12
    on, knows no IP addresses.
    """

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:  # noqa: FBT001, FBT002  # as ldap3 calls it
        context = ssl.create_default_context(cafile=self.ca_certs_file)
        connection.socket = context.wrap_socket(
            connection.socket,
            server_hostname=connection.server.host,
            do_handshake_on_connect=do_handshake,
        )


def _connection(login: Login) -> Any:
    url = urlsplit(login.url)
    secure = url.scheme == "ldaps"
    server = ldap3.Server(
        url.hostname,
        port=url.port or (636 if secure else 389),
        use_ssl=secure,
        tls=_Tls(ca_certs_file=str(login.ca_file) if login.ca_file else None),
        get_info=ldap3.NONE,
        connect_timeout=login.timeout_s,
    )
    return ldap3.Connection(
        server,
        user=login.user,
        password=login.password.reveal(),
        authentication=ldap3.SIMPLE,
        client_strategy=ldap3.SYNC,
        auto_referrals=False,  # they would be followed with our password
        auto_range=False,
        return_empty_attributes=False,  # it fails on an attribute that came in ranges alone
        check_names=False,
        read_only=True,
        raise_exceptions=False,
        receive_timeout=math.ceil(login.timeout_s),  # it takes whole seconds only
    )


def _found(response: Sequence[Mapping[str, Any]]) -> Iterator[Entry]:
    """Yield the entries only: references to other servers come among them."""
    for entry in response:
        if entry.get("type") == "searchResEntry":
            raw = entry["raw_attributes"]
            yield str(entry["dn"]), {str(k).casefold(): tuple(v) for k, v in raw.items() if v}


def _cookie(result: Mapping[str, Any]) -> bytes | None:
    control = (result.get("controls") or {}).get(_PAGED)
    value = control["value"]["cookie"] if control else None
    return bytes(value) if value else None
