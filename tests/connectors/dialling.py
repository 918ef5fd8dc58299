"""The operating system's resolver and dial, watched and told what to answer.

What a connector does with the network shows here whatever library it uses, and as it is wired: no
connector is given another resolver for it. A driver in C dials where Python cannot see it, so the
function that starts it is watched in its place.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

DRIVERS = ("psycopg",)


@dataclass(slots=True)
class Dialling:
    """`names` are answered with their addresses in turn, the last of them again and again.

    `dialled` are the addresses and ports that a connection was asked to, `patience` how long each
    would have waited. Only loopback is really dialled, and nothing in `silent`.
    """

    names: Mapping[str, Sequence[Sequence[str]]]
    silent: frozenset[str] = frozenset()
    dialled: list[tuple[str, int]] = field(default_factory=list)
    patience: list[float | None] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    slow: Callable[[], object] = lambda: None

    def hosts(self) -> set[str]:
        return {host for host, _ in self.dialled}

    def resolve(
        self, real: Callable[..., Any], host: str, port: int, *more: Any, **named: Any
    ) -> Any:
        if host not in self.names:
            return real(host, port, *more, **named)
        self.slow()
        answers = self.names[host]
        found = answers[min(self.looked_up.count(host), len(answers) - 1)]
        self.looked_up.append(host)
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (one, port),
            )
            for one in found
        ]

    def dial(self, host: str, port: int, patience: float | None) -> None:
        """Note it; raises where nobody may be dialled, or nobody answers."""
        self.dialled.append((host, port))
        self.patience.append(patience)
        if host in self.silent:
            raise TimeoutError
        if not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
            raise ConnectionRefusedError


@contextlib.contextmanager
def watched(
    names: Mapping[str, Sequence[Sequence[str]]] | None = None, **changes: Any
) -> Iterator[Dialling]:
    """Watch and answer until the end of the block."""
    seen = Dialling(names or {}, **changes)
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def dial(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            seen.dial(address[0], address[1], self.gettimeout())
        connect(self, address)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", lambda *a, **k: seen.resolve(resolve, *a, **k))
        patched.setattr(socket.socket, "connect", dial)
        for name in DRIVERS:
            if importlib.util.find_spec(name) is not None:
                driver = importlib.import_module(name)
                patched.setattr(driver, "connect", _noting(seen, driver))
        yield seen


def _noting(seen: Dialling, driver: Any) -> Callable[..., Any]:
    real = driver.connect

    def connect(**given: Any) -> Any:
        try:
            seen.dial(
                given.get("hostaddr") or given["host"], given["port"], given["connect_timeout"]
            )
        except OSError as fault:
            raise driver.OperationalError(type(fault).__name__) from None
        return real(**given)

    return connect
