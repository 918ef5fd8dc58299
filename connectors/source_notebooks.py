"""Notebooks in a folder: home directories on a share, or a copy of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from correlate.errors import SourceError
from correlate.model import Document, Identity, Locator, Medium, Skip, Touch, Trace, Truth
from correlate.ports import KnownItems, ScanUnit, Setup

_SUFFIX = ".ipynb"
_UNIT_FILES = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """The folder's first level names the owners' logins unless `owners` is off.

    `owner_system` says of which system those are logins. Copies in .ipynb_checkpoints are
    read too: they hold what was deleted since.
    """

    path: Path
    owners: bool = True
    owner_system: str = "jupyter"
    max_bytes: int = 200 * 1024 * 1024


def connect(settings: Settings, setup: Setup) -> Notebooks:
    """Return the source. Reads nothing yet."""
    return Notebooks(setup.name, settings)


@dataclass(frozen=True, slots=True)
class Notebooks:
    """A Source of one container, named like itself; its items are paths below the folder.

    No link is followed, at no level. Files change, so all are read each time: nothing is
    asked of `known`.
    """

    name: str
    settings: Settings

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:  # noqa: ARG002  # see above
        """Plan the notebooks, some hundred a unit; links and oversized files are Skips."""
        number = 0
        for folder in self._folders():
            batch: list[str] = []
            size = 0
            for item in self._walk(folder):
                if isinstance(item, Skip):
                    yield item
                    continue
                batch.append(item[0])
                size += item[1]
                if len(batch) == _UNIT_FILES:
                    yield self._unit(number, batch, size)
                    number, batch, size = number + 1, [], 0
            if batch:
                yield self._unit(number, batch, size)
                number += 1

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        """Yield the unit's notebooks as their files' bytes."""
        for item in unit.payload.split("\x00"):
            yield self.reread(Locator(self.name, self.name, item))

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        """Yield the traces again that `documents` gave."""
        for locator in locators:
            found = self.reread(locator)
            if isinstance(found, Document) and found.trace is not None:
                yield found.trace

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the notebook as it stands now."""
        place = Locator(self.name, self.name, locator.item)
        try:
            data = self._read(locator.item)
        except (OSError, ValueError) as error:
            why = str(error) if type(error) is ValueError else type(error).__name__
            return Skip(self.name, self.name, locator.item, f"cannot be read: {why}")
        folder, below, _ = locator.item.partition("/")
        touches: tuple[Touch, ...] = ()
        if self.settings.owners and below:
            # a folder's owner is no dated act: the file's time says when it changed last
            touches = (Touch(Identity(self.settings.owner_system, folder), "owner", None),)
        trace = Trace(place, locator.item, touches, at_tip=Truth.YES, reachable=Truth.YES)
        return Document(place, data, Medium.NOTEBOOK_SOURCE, trace)

    def _unit(self, number: int, batch: Sequence[str], size: int) -> ScanUnit:
        return ScanUnit(self.name, self.name, number, "\x00".join(batch), len(batch), size)

    def _folders(self) -> Iterator[str]:
        try:
            with os.scandir(self.settings.path) as entries:
                folders = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        except OSError as error:
            raise SourceError(
                "a folder cannot be read", where=self.name, why=type(error).__name__,
                fix="check the path and our permission",
            ) from None  # fmt: skip
        yield "."  # what lies in the folder itself
        yield from folders

    def _walk(self, folder: str) -> Iterator[tuple[str, int] | Skip]:
        top = self.settings.path / folder
        failed: list[str] = []
        for here, folders, files in os.walk(
            top, followlinks=False, onerror=lambda e: failed.append(str(e.filename))
        ):
            for name in sorted([*folders, *files]):
                found = self._entry(Path(here) / name)
                if found is not None:
                    yield found
            folders.sort()
            if folder == ".":  # the folders below are walked one by one
                folders.clear()
        for path in failed:
            item = os.path.relpath(path, self.settings.path)
            yield Skip(self.name, self.name, item, "the folder cannot be read")

    def _entry(self, path: Path) -> tuple[str, int] | Skip | None:
        item = PurePosixPath(path.relative_to(self.settings.path)).as_posix()
        shown = item.encode("utf-8", "backslashreplace").decode()
        if shown != item and path.name.endswith(_SUFFIX):
            return Skip(self.name, self.name, shown, "its name is not UTF-8")
        try:
            found = path.lstat()
        except OSError:
            return Skip(self.name, self.name, shown, "it vanished while it was listed")
        if stat.S_ISLNK(found.st_mode):
            return Skip(self.name, self.name, shown, "a link, which is not followed")
        if stat.S_ISDIR(found.st_mode) or not path.name.endswith(_SUFFIX):
            return None
        if not stat.S_ISREG(found.st_mode):
            return Skip(self.name, self.name, item, "not a regular file")
        if found.st_size > self.settings.max_bytes:
            why = f"{found.st_size} bytes, above max_bytes"
            return Skip(self.name, self.name, item, why)
        return item, found.st_size

    def _read(self, item: str) -> bytes:
        """Open step by step from the top, each step without following a link.

        Between listing and reading, a step may have been turned into a link by its owner.
        """
        steps = [s for s in PurePosixPath(item).parts if s != "."]
        if not steps or any(step in ("..", "/") for step in steps):
            raise ValueError("not a path below the folder")
        handle = os.open(self.settings.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for step in steps[:-1]:
                inner = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
                os.close(handle)
                handle = inner
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            with os.fdopen(os.open(steps[-1], flags, dir_fd=handle), "rb") as stream:
                return self._bounded(stream.fileno())
        finally:
            os.close(handle)

    def _bounded(self, handle: int) -> bytes:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("not a regular file")
        parts, left = [], self.settings.max_bytes + 1
        while left > 0 and (part := os.read(handle, min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
        if left <= 0:
            raise ValueError("above max_bytes")
        return b"".join(parts)
