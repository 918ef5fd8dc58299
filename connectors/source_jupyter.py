"""Notebooks on a Jupyter Server, through its contents API.

https://jupyter-server.readthedocs.io/en/latest/developers/rest-api.html: listings are not
recursive, a bad token is 403, and a server without a token takes any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.http import Http, policy_of
from connectors.instants import instant
from connectors.json_shape import as_text, row, rows, text
from connectors.rest import Answer, Rest, segment
from correlate.errors import OffkeyError, Refused, SourceError
from correlate.model import Document, Identity, Locator, Medium, Skip, Touch, Trace, Truth
from correlate.ports import KnownItems, ScanUnit, Setup
from correlate.secret import Secret

_CONTAINER = "server"
_UNIT_FILES = 50
_DEPTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """One server, below `root`. `owner` is the login of the person whose server it is, where
    it is one person's: a server itself names nobody.
    """

    base_url: str
    token: Secret
    owner: str = ""
    owner_system: str = "jupyter"
    root: str = ""
    max_bytes: int = 200 * 1024 * 1024
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 60.0


def connect(settings: Settings, setup: Setup) -> Jupyter:
    """Return the source. Asks nothing yet."""
    # a text grows by its escapes inside JSON
    policy = replace(policy_of(settings), body_max=settings.max_bytes * 2)
    rest = Rest(
        Http(policy),
        settings.base_url,
        setup.name,
        secrets={"Authorization": Secret("token " + settings.token.reveal())},
    )
    return Jupyter(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class Jupyter:
    """A Source with one container, the server's root, whose items are notebooks' paths.

    Notebooks change, so all are read each time: nothing is asked of `known`. No cookie is
    kept: each call signs in by its token.
    """

    name: str
    settings: Settings
    rest: Rest

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:  # noqa: ARG002  # see above
        """List all folders, then plan the notebooks, some dozen a unit."""
        batch: list[str] = []
        number = size = 0
        for found in self._walk(self.settings.root.strip("/"), 0):
            if isinstance(found, Skip):
                yield found
                continue
            batch.append(found[0])
            size += found[1]
            if len(batch) == _UNIT_FILES:
                yield self._unit(number, batch, size)
                number, batch, size = number + 1, [], 0
        if batch:
            yield self._unit(number, batch, size)

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        """Yield the unit's notebooks as their files' text."""
        for item in unit.payload.split("\x00"):
            yield self._document(Locator(self.name, unit.container, item))

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        """Yield the traces again that `documents` gave."""
        for locator in locators:
            found = self.reread(locator)
            if isinstance(found, Document) and found.trace is not None:
                yield found.trace

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the notebook as it stands now."""
        try:
            return self._document(locator)
        except OffkeyError as error:
            return Skip(self.name, locator.container, locator.item, f"{error.what}: {error.why}")

    def _unit(self, number: int, batch: Sequence[str], size: int) -> ScanUnit:
        return ScanUnit(self.name, _CONTAINER, number, "\x00".join(batch), len(batch), size)

    def _walk(self, folder: str, depth: int) -> Iterator[tuple[str, int] | Skip]:
        try:
            listed = self._get(folder, [("content", "1"), ("type", "directory")])
        except Refused as error:
            if depth == 0:
                raise
            yield Skip(self.name, _CONTAINER, folder, f"{error.what}: {error.why}")
            return
        held = rows(row(listed.value, self.name).get("content"), self.name)
        for entry in sorted(held, key=lambda one: str(one.get("path"))):
            path, kind = text(entry, "path", self.name).strip("/"), entry.get("type")
            if not path.startswith(f"{folder}/" if folder else ""):
                raise SourceError(
                    "a listing is not as documented", where=self.name,
                    why="an entry lies outside its folder", fix="check the address",
                )  # fmt: skip
            if kind == "directory" and depth < _DEPTH_MAX:
                yield from self._walk(path, depth + 1)
            elif kind == "directory":
                yield Skip(self.name, _CONTAINER, path, f"more than {_DEPTH_MAX} folders deep")
            elif path.endswith(".ipynb"):
                yield self._entry(path, entry.get("size"))

    def _entry(self, path: str, size: object) -> tuple[str, int] | Skip:
        known = size if isinstance(size, int) else 0
        if known > self.settings.max_bytes:
            return Skip(self.name, _CONTAINER, path, f"{known} bytes, above max_bytes")
        return path, known

    def _document(self, locator: Locator) -> Document | Skip:
        place = Locator(self.name, locator.container, locator.item)
        try:
            query = [("content", "1"), ("type", "file"), ("format", "text")]
            held = row(self._get(locator.item, query).value, self.name)
        except Refused as error:
            return Skip(self.name, locator.container, locator.item, f"{error.what}: {error.why}")
        content = held.get("content")
        if not isinstance(content, str):
            return Skip(self.name, locator.container, locator.item, "the server gave no text")
        touches: tuple[Touch, ...] = ()
        if self.settings.owner:
            changed_at = instant(as_text(held.get("last_modified")))
            owner = Identity(self.settings.owner_system, self.settings.owner)
            touches = (Touch(owner, "owner", changed_at),)
        link = f"{self.settings.base_url.rstrip('/')}/notebooks/{_quoted(locator.item)}"
        trace = Trace(
            place, locator.item, touches, at_tip=Truth.YES, reachable=Truth.YES, link=link
        )
        return Document(
            place, content.encode("utf-8", "surrogatepass"), Medium.NOTEBOOK_SOURCE, trace
        )

    def _get(self, path: str, query: Sequence[tuple[str, str]]) -> Answer:
        return self.rest.get(f"/api/contents/{_quoted(path)}", query)


def _quoted(path: str) -> str:
    return "/".join(segment(step) for step in path.split("/")) if path else ""
