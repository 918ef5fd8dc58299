"""Git repositories: every object ever stored there, whether a branch still leads to it or not."""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from connectors.git_command import Git, login_environment
from connectors.git_history import History, read_changes, read_history
from connectors.git_lookup import Absent, ObjectLookup
from connectors.git_mirror import Repository, gaps, refresh, repository
from connectors.git_names import named
from connectors.git_objects import (
    Listed,
    list_objects,
    objects_state,
)
from connectors.git_reader import Broken, ObjectReader, Stretch
from connectors.git_walk import KeptWalk, Walks
from correlate.errors import ConfigError, OffkeyError, SourceError
from correlate.model import (
    Batch,
    Change,
    Document,
    Locator,
    Medium,
    Reader,
    Skip,
    Touch,
    Trace,
    Truth,
)
from correlate.ports import KnownItems, ScanUnit, Setup
from correlate.secret import Secret

_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_BYTES = 1024
_LISTS_KEPT_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """`repositories` are local paths and URLs; `list_file` names more, one a line. A name must
    match one of `include` (if there are any) and none of `exclude` (shell patterns). Local
    repositories below `root` are named by their path from it, others by their last part. `token`
    and `username` log in over HTTPS. Objects above `max_object_mb` are skipped, and counted.
    """

    repositories: tuple[str, ...] = ()
    list_file: Path | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    root: Path | None = None
    username: str = "x-access-token"
    token: Secret | None = None
    max_object_mb: int = 32
    unit_mb: int = 64
    timeout_seconds: int = 3600


def connect(settings: Settings, setup: Setup) -> GitSource:
    """Return the source. Reads nothing yet."""
    return GitSource(setup.name, settings, setup.workdir)


@dataclass(frozen=True, slots=True)
class GitSource:
    """A Source whose containers are repositories and whose items are git object ids."""

    name: str
    settings: Settings
    workdir: Path
    specs: dict[str, str] = field(default_factory=dict)  # by container, filled at first use
    # the repository read last, with its git still running: its next unit or place may follow
    readers: dict[str, ObjectReader] = field(default_factory=dict)
    lookups: dict[str, ObjectLookup] = field(default_factory=dict)
    walks: Walks = field(default_factory=Walks)

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:
        """Refresh each repository and plan its objects not scanned yet, in pack order."""
        _forget_old(self.workdir / "lists")
        for container in self._named():
            try:
                place = self._place(container)
                refresh(place, self._login(), self.settings.timeout_seconds)
                yield from self._plan(place, known)
            except OffkeyError as error:
                yield Skip(self.name, container, "", f"{error.what}: {error.why}")

    def documents(self, unit: ScanUnit) -> Iterator[Document | Batch | Skip]:
        """Yield the unit's objects: blobs, and the texts of commits and tags."""
        text = (self.workdir / "lists" / Path(unit.payload).name).read_bytes()
        items = [_listed(line) for line in text.splitlines()]
        for piece in self._reader(unit.container).read(items):
            if isinstance(piece, Broken):
                oid = piece.oid.decode()
                yield Skip(self.name, unit.container, oid, piece.reason)
                continue
            yield self._batch(unit.container, piece)
            for oid in _lfs_pointers(piece):
                reason = "a Git LFS pointer: its content is elsewhere"
                yield Skip(self.name, unit.container, oid, reason)

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        """Yield a trace for each locator, one pass over the history of each repository.

        Locators in repositories that are not configured any more are left out.
        """
        by_container: dict[str, list[Locator]] = defaultdict(list)
        for locator in locators:
            by_container[locator.container].append(locator)
        for container, group in by_container.items():
            if container not in self._named():
                continue
            git = self._git(container)
            items, commits = {locator.item for locator in group}, self._commits(container, git)
            history = read_history(git, items, commits, self._walk(container, git).lines())
            readers = history.reader_list()
            for locator in group:
                yield _trace(locator, history, readers)

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the whole object again; a notebook's part is found in it by fingerprint."""
        place = Locator(self.name, locator.container, locator.item)
        try:
            found = self._lookup(locator.container).read(locator.item)
        except OffkeyError as error:
            found = Absent(f"{error.what}: {error.why}")
        if isinstance(found, Absent):
            return Skip(self.name, locator.container, locator.item, found.reason)
        return Document(place, found, Medium.FILE)

    def changes(self, container: str, since: datetime, until: datetime) -> Iterator[Change]:
        """Yield what was committed between two instants, by the committer's date, as far as a ref leads
        to it; each by its author and its committer. Raises SourceError where not all can be told.
        """
        for commit, paths in read_changes(self._git(container)):
            at = commit.committed_at
            if at is not None and since <= at <= until:
                touches = list(History().touches(commit))
                who = {touch.identity: touch for touch in reversed(touches)}
                for path in paths:
                    yield from (Change(path, replace(touch, at=at)) for touch in who.values())

    def _lookup(self, container: str) -> ObjectLookup:
        if container not in self.lookups:
            for lookup in self.lookups.values():
                lookup.close()
            self.lookups.clear()
            self.lookups[container] = ObjectLookup(self._git(container), self._largest)
        return self.lookups[container]

    def _plan(self, place: Repository, known: KnownItems) -> Iterator[ScanUnit | Skip]:
        git = Git(place.git_dir)
        state = objects_state(place.git_dir)
        if state and known.unchanged(place.container, state):
            return
        for gap in gaps(git):
            yield Skip(self.name, place.container, "", gap)
        with self._walk(place.container, git).going() as missing:
            yield from self._plan_objects(place, git, known)
            lost = missing()
        if lost:
            yield Skip(self.name, place.container, "", lost)

    def _plan_objects(
        self, place: Repository, git: Git, known: KnownItems
    ) -> Iterator[ScanUnit | Skip]:
        listed, complaint = list_objects(git)
        if complaint:
            yield Skip(self.name, place.container, "", f"not every object is listed: {complaint}")
        todo = self._todo(place.container, listed, known)
        del listed  # the rest of the planning goes on for as long as the scan
        cap = self._largest
        for item in todo:
            if item.size > cap:
                reason = f"{item.size >> 20} MiB, above max_object_mb"
                yield Skip(self.name, place.container, item.oid.decode(), reason)
        small = (item for item in todo if item.size <= cap)
        for number, batch in enumerate(_batches(small, self.settings.unit_mb << 20)):
            yield self._unit(place.container, number, batch)

    def _todo(self, container: str, listed: Sequence[Listed], known: KnownItems) -> list[Listed]:
        """The objects not scanned yet. Leaves the list of all commits for tracing."""
        oids = [item.oid.decode() for item in listed]
        self._list(container, "commits").write_text(
            "\n".join(oid for oid, item in zip(oids, listed, strict=True) if item.type == b"commit")
        )
        new = frozenset(known.unknown(container, oids))
        return [item for oid, item in zip(oids, listed, strict=True) if oid in new]

    def _unit(self, container: str, number: int, batch: Sequence[Listed]) -> ScanUnit:
        """The ids go into a file of our own: a unit stays small, whatever the repository."""
        text = b"".join(b"%b %b %d\n" % item for item in batch)
        name = hashlib.sha256(container.encode() + b"\n" + text).hexdigest()[:32]
        path = self.workdir / "lists" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(f".{os.getpid()}")
        half.write_bytes(text)
        half.rename(path)
        size = sum(item.size for item in batch)
        return ScanUnit(self.name, container, number, name, len(batch), size)

    def _list(self, container: str, end: str) -> Path:
        """Where planning leaves the ids that tracing need not ask git for again."""
        name = hashlib.sha256(container.encode()).hexdigest()[:32]
        path = self.workdir / "lists" / f"{name}.{end}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _walk(self, container: str, git: Git) -> KeptWalk:
        return KeptWalk(git, container, self.walks)

    def _commits(self, container: str, git: Git) -> list[str]:
        try:
            return self._list(container, "commits").read_text().split()
        except OSError:
            return [item.oid.decode() for item in list_objects(git, (b"commit",))[0]]

    def _batch(self, container: str, piece: Stretch) -> Batch:
        items = [item.oid.decode() for item in piece.items]
        place = (self.name, container, Medium.FILE)
        return Batch(*place, piece.data, items, piece.starts, piece.ends)

    def _reader(self, container: str) -> ObjectReader:
        if container not in self.readers:
            for reader in self.readers.values():
                reader.close()
            self.readers.clear()
            self.readers[container] = ObjectReader(self._git(container), self._largest)
        return self.readers[container]

    @property
    def _largest(self) -> int:
        return self.settings.max_object_mb << 20

    def _named(self) -> dict[str, str]:
        if not self.specs:
            self.specs.update(named(_chosen(self.settings), self.settings.root))
        return self.specs

    def _place(self, container: str) -> Repository:
        spec = self._named().get(container)
        if spec is None:
            raise ConfigError(
                "A repository is not configured any more",
                where=container,
                why="no `repositories` entry has that name",
                fix="put it back to read it again",
            )
        return replace(repository(spec, self.workdir / "mirrors"), container=container)

    def _git(self, container: str) -> Git:
        try:
            return Git(self._place(container).git_dir)
        except ConfigError as error:
            raise SourceError(
                error.what, where=error.where, why=error.why, fix=error.fix
            ) from error

    def _login(self) -> dict[str, str]:
        token = self.settings.token
        return {} if token is None else login_environment(self.settings.username, token)


def _listed(line: bytes) -> Listed:
    oid, kind, size = line.split()
    return Listed(oid, kind, int(size))


def _lfs_pointers(piece: Stretch) -> Iterator[str]:
    for item, start in zip(piece.items, piece.starts, strict=True):
        small = item.size < _LFS_POINTER_BYTES
        if small and piece.data[start : start + len(_LFS)] == _LFS:
            yield item.oid.decode()


def _forget_old(lists: Path) -> None:
    """Drop the lists of runs that nobody takes up any more."""
    oldest = time.time() - _LISTS_KEPT_SECONDS
    for path in lists.glob("*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def _chosen(settings: Settings) -> Iterator[str]:
    """The configured repositories in order, each once. Raises ConfigError."""
    names = list(settings.repositories)
    if settings.list_file is not None:
        try:
            lines = settings.list_file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                "A list of repositories cannot be read",
                where="list_file",
                why=type(error).__name__,
                fix="check its path and permissions",
            ) from error
        names += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    for name in dict.fromkeys(names):
        wanted = not settings.include or _matches(name, settings.include)
        if wanted and not _matches(name, settings.exclude):
            yield name


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _batches(items: Iterable[Listed], target: int) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    size = 0
    for item in items:
        batch.append(item)
        size += item.size
        if size >= target:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _trace(locator: Locator, history: History, readers: tuple[Reader, ...]) -> Trace:
    oid = locator.item
    if oid in history.messages:
        commit = history.messages[oid]
        return Trace(
            locator,
            f"message of commit {oid[:12]}",
            tuple(history.touches(commit)),
            readers,
            _truth(oid in history.tip_commits, history.whole),
            _truth(oid in history.reachable, history.whole),
        )
    found = history.introduced.get(oid, [])
    touches: tuple[Touch, ...] = tuple(t for commit, _ in found for t in history.touches(commit))
    path = history.tip_path(oid) or (found[0][1] if found else f"object {oid[:12]}, in no commit")
    held = any(commit.oid in history.reachable for commit, _ in found)
    return Trace(
        locator,
        path,
        touches,
        readers,
        _truth(oid in history.tip_paths, history.whole),
        _truth(held, history.whole),
    )


def _truth(seen: bool, whole: bool) -> Truth:  # noqa: FBT001  # both are read by position once
    """What was seen is so; what was not seen is absent only if all was looked at."""
    return Truth.YES if seen else Truth.NO if whole else Truth.UNKNOWN
