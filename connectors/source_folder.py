"""A plain folder of files, without history: what `offkey scan` reads where there is no git."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from correlate.errors import SourceError
from correlate.model import Document, Locator, Medium, Skip, Trace, Truth
from correlate.ports import KnownItems, ScanUnit, Setup


@dataclass(frozen=True, slots=True)
class Settings:
    """The folder, and what is too large to read. `.git` folders are never walked into; each is a
    gap, unless `histories_elsewhere` says that the git source reads them.
    """

    path: Path
    histories_elsewhere: bool = False
    max_file_mb: int = 32
    unit_mb: int = 64


def connect(settings: Settings, setup: Setup) -> FolderSource:
    """Return the source. Reads nothing yet."""
    return FolderSource(setup.name, settings)


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A Source whose one container is the folder and whose items are relative paths.

    Files change, so all are read each time: nothing is asked of `known`. Links are not
    followed, and only regular files are opened.
    """

    name: str
    settings: Settings

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:  # noqa: ARG002  # see above
        """Plan every regular file under the folder."""
        container, cap = str(self.settings.path), self.settings.max_file_mb << 20
        batch: list[str] = []
        size = number = 0
        for item in self._walk():
            if isinstance(item, Skip):
                yield item
            elif item[1] > cap:
                reason = f"{item[1] >> 20} MiB, above max_file_mb"
                yield Skip(self.name, container, item[0], reason)
            else:
                batch.append(item[0])
                size += item[1]
            if size >= self.settings.unit_mb << 20:
                yield self._unit(number, batch, size)
                number, batch, size = number + 1, [], 0
        if batch:
            yield self._unit(number, batch, size)

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        """Yield the unit's files."""
        for item in json.loads(unit.payload):
            yield self.reread(Locator(self.name, unit.container, item))

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        """Yield where each file stands; a folder knows no authors."""
        for locator in locators:
            yield Trace(locator, locator.item, at_tip=Truth.YES, reachable=Truth.YES)

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the file as it is now."""
        place = Locator(self.name, locator.container, locator.item)
        path = self.settings.path / os.fsdecode(locator.item.encode("utf-8", "surrogateescape"))
        try:
            # a name that became a link or a pipe since it was listed is not followed
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    return Skip(self.name, locator.container, locator.item, "not a regular file")
                return Document(place, file.read(), Medium.FILE)
        except OSError as error:
            reason = f"cannot be read ({type(error).__name__})"
            return Skip(self.name, locator.container, locator.item, reason)

    def _unit(self, number: int, items: list[str], size: int) -> ScanUnit:
        container = str(self.settings.path)
        return ScanUnit(self.name, container, number, json.dumps(items), len(items), size)

    def _walk(self) -> Iterator[tuple[str, int] | Skip]:
        root = self.settings.path
        if not root.is_dir():
            raise SourceError(
                "A folder cannot be read", where=str(root), why="it is no folder", fix="check it"
            )
        skips: list[Skip] = []

        def on_error(error: OSError) -> None:
            name = os.path.relpath(error.filename or root, root)
            skips.append(Skip(self.name, str(root), name, f"cannot be read ({error.strerror})"))

        for folder, folders, files in os.walk(root, onerror=on_error):
            if ".git" in folders:
                folders.remove(".git")
                if not self.settings.histories_elsewhere:
                    name = os.path.relpath(Path(folder, ".git"), root)
                    yield Skip(self.name, str(root), name, "a history: the git source reads it")
            folders.sort()
            for name in sorted(files):
                path = Path(folder, name)
                status = path.lstat()
                if stat.S_ISREG(status.st_mode):
                    yield str(path.relative_to(root)), status.st_size
        yield from skips
