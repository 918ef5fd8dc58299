"""Every connector that opens connections, found by what it imports, and one question to each.

The question is made through the connector's own `connect`. What it needs beyond an address stands
in its test file: `OUTBOUND`, further settings, or `outbound(at)`, the whole question.
"""

from __future__ import annotations

import ast
import functools
import importlib
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import connectors
from correlate.errors import OffkeyError
from correlate.kind import Effect
from correlate.model import CaseKey, KindId, LivenessState, Skip
from correlate.notice import Outcome
from correlate.ports import Inventory, Issuer, Outlet, Revoker, Setup, Source, TicketSink
from correlate.secret import Secret
from jobs.wiring import types_of
from tests.connectors.outlets import made as notice
from tests.twins.source import NothingKnown

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
HOME = Path(connectors.__file__).parent
# of the standard library what opens connections, `importlib` because it loads drivers that are not
# installed everywhere; of the others all but those that open none
DIALS = frozenset(
    {"socket", "ssl", "asyncio", "importlib", "http.client", "urllib.request", "xmlrpc.client",
     "smtplib", "ftplib", "poplib", "imaplib", "nntplib", "telnetlib", "socketserver"}
)  # fmt: skip
OFFLINE = frozenset({"connectors", "correlate", "cryptography", "pandas", "git"})
ROLES = ("issuer", "revoker", "inventory", "tickets", "source", "people", "outlet")
Ask = Callable[[], str]


@dataclass(frozen=True, slots=True)
class At:
    """Where a connector is led: by its configuration, or by a credential."""

    host: str
    port: int
    scheme: str = "https"
    internal: tuple[str, ...] = ()
    timeout_s: float = 2.0

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def dialling() -> list[str]:
    """Return the connectors that open connections, as "issuer_aws".

    Of the people feeds and the outlets those over HTTP: the server of a directory or of mail stands
    inside by nature, and only the configuration names it.
    """
    found = [f"{role}_{kind}" for role in ROLES for kind in _types(role)]
    return [
        name
        for name in found
        if opens(name) and (speaks_http(name) or not name.startswith(("people_", "outlet_")))
    ]


def speaks_http(name: str) -> bool:
    """Say whether the connector could be sent elsewhere by an answer."""
    return _any_imports(name, _is_http)


def opens(module: str) -> bool:
    """Say whether a module of `connectors`, or one that it uses, opens connections itself."""
    return _any_imports(module, _dials)


def _any_imports(module: str, test: Callable[[str], bool]) -> bool:
    return any(test(name) for part in closure(module) for name in _imports(part))


def _is_http(name: str) -> bool:
    return name == "connectors.http.Http"


def _dials(name: str) -> bool:
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return any(name == one or name.startswith(f"{one}.") for one in DIALS)
    return top not in OFFLINE


@functools.cache
def closure(module: str) -> frozenset[str]:
    """Return the names of all modules of `connectors` that one uses, itself included."""
    found, waiting = set[str](), [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [
                one.split(".")[1] for one in _imports(name) if one.startswith("connectors.")
            ]
    return frozenset(found)


@functools.cache
def _imports(module: str) -> tuple[str, ...]:
    tree = ast.parse((HOME / f"{module}.py").read_text(encoding="utf-8"))
    return tuple(_names(tree))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _types(role: str) -> list[str]:
    if role != "revoker":
        return types_of(role)
    return sorted(path.stem.removeprefix("revoker_") for path in HOME.glob("revoker_*.py"))


def asking(name: str, at: At) -> Ask:
    """Return a question to the connector `name` at `at`. Asked, it says why nothing was decided, and
    fails the test if something was.
    """
    tests: Any = importlib.import_module(f"tests.connectors.test_{name}")
    if hasattr(tests, "outbound"):
        return typing.cast("Ask", tests.outbound(at))
    module = importlib.import_module(f"connectors.{name}")
    settings = _filled(module, at, getattr(tests, "OUTBOUND", {}))
    made_of: dict[str, Callable[[Any], Ask]] = {
        "inventory": _inventory, "tickets": _tickets, "source": _source, "outlet": _outlet,
    }  # fmt: skip
    role = name.partition("_")[0]
    assert role in made_of, f"test_{name}.py has to say how it is asked: outbound(at)"
    return made_of[role](module.connect(settings, Setup("own", Path("/nonexistent"))))


def _filled(module: ModuleType, at: At, given: dict[str, Any]) -> Any:
    """Settings that lead to `at`, and of which all that must be there is there."""
    plain: dict[str, Any] = {"base_url": at.base, "internal_hosts": at.internal, "timeout_s": at.timeout_s, "spacing_s": 0.0}  # fmt: skip
    hints = typing.get_type_hints(module.Settings)
    values = {}
    for spec in fields(module.Settings):
        if spec.name in plain:
            values[spec.name] = plain[spec.name]
        elif spec.name == "url" and module.__name__.startswith("connectors.outlet_"):
            values[spec.name] = Secret(at.base) if hints[spec.name] is Secret else at.base
        elif spec.default is MISSING and spec.default_factory is MISSING:
            values[spec.name] = Secret("x" * 40) if hints[spec.name] is Secret else "acme"
    return module.Settings(**values | given)


def issuer(made: Issuer, kind: KindId, secret: Secret) -> Ask:
    def ask() -> str:
        answer = made.verify(kind, secret, NOW)
        assert answer.state in (LivenessState.UNKNOWN, LivenessState.SKIPPED), answer
        return answer.reason

    return ask


def revoker(made: Revoker, kind: KindId, secret: Secret, host: str) -> Ask:
    def ask() -> str:
        call = made.plan(kind, host)
        assert not isinstance(call, str), call
        reply = made.revoke(kind, secret, call)
        assert reply.effect is Effect.UNCLEAR, reply
        return reply.reason

    return ask


def _inventory(made: Inventory) -> Ask:
    def ask() -> str:
        try:
            taken = made.snapshot(NOW)
        except OffkeyError as error:
            return error.why
        assert (taken.listed, taken.rows) == ((), ()), taken
        return taken.gaps[0].reason

    return ask


def _tickets(made: TicketSink) -> Ask:
    def ask() -> str:
        try:
            found = made.find(CaseKey("k" * 24))
        except OffkeyError as error:
            return error.why
        raise AssertionError(found)

    return ask


def _source(made: Source) -> Ask:
    def ask() -> str:
        try:
            found = list(made.units(NothingKnown()))
        except OffkeyError as error:
            return error.why
        assert found, "it saw nothing, and says so of nothing"
        assert all(isinstance(one, Skip) for one in found), found
        return found[0].reason if isinstance(found[0], Skip) else ""

    return ask


def _outlet(made: Outlet) -> Ask:
    def ask() -> str:
        try:
            (receipt,) = made.send([notice()])
        except OffkeyError as error:
            return error.why
        assert receipt.outcome is not Outcome.TAKEN
        return receipt.reason

    return ask
