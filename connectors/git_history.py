"""Who brought an object into a repository, where it stands, and who could read it.

One pass of `git log --raw` over every commit, unreachable ones included, for all hits of a
repository together. Merges are shown against all parents at once, so that what only a merge
brought in is seen. All parsing is of bytes with NUL between fields: names may hold anything else.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO

from connectors.git_command import Git
from correlate.errors import SourceError
from correlate.model import Identity, Reader, Touch

_FORMAT = "%x01%H%x00%ae%x00%aE%x00%at%x00%ce%x00%ct%x00%an%x00%cn"
_FIELDS = 8
_MOST_INTRODUCTIONS = 8
_MOST_TREE_ENTRIES = 5_000_000  # a tree built to never end is cut off here


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit's people and dates. `mapped` is the author as the mailmap has it, a hint."""

    oid: str
    author: str
    mapped: str
    authored_at: datetime | None
    committer: str
    committed_at: datetime | None
    author_name: str
    committer_name: str

    def touches(self) -> tuple[Touch, Touch]:
        """Return what its author and committer did."""
        name = self.author_name
        if self.mapped != self.author:
            name = f"{name} <{self.mapped}>"
        return (
            Touch(Identity("mail", self.author), "author", self.authored_at, name, self.oid),
            Touch(
                *(Identity("mail", self.committer), "committer", self.committed_at),
                *(self.committer_name, self.oid),
            ),
        )


@dataclass(slots=True)
class History:
    """What one pass found. `whole` is False when git could not walk to the end."""

    introduced: dict[str, list[tuple[Commit, str]]] = field(default_factory=dict)
    messages: dict[str, Commit] = field(default_factory=dict)
    readers: dict[str, datetime | None] = field(default_factory=dict)
    reachable: frozenset[str] = frozenset()
    tip: dict[str, str] = field(default_factory=dict)
    tip_commits: frozenset[str] = frozenset()
    whole: bool = True

    def reader_list(self) -> tuple[Reader, ...]:
        """Return everyone who committed, as readers of the repository."""
        why = "committed to the repository"
        return tuple(Reader(Identity("mail", who), why, at) for who, at in self.readers.items())


def read_history(git: Git, oids: Iterable[str], commits: Iterable[str]) -> History:
    """Return the history of `oids`. `commits` are all commits of the store, reachable or not."""
    history, wanted = History(), frozenset(oid.encode() for oid in oids)
    for commit, entries in _log(git, commits, history):
        _note_reader(history, commit)
        if commit.oid.encode() in wanted:
            history.messages[commit.oid] = commit
        for oid, path in entries:
            if oid in wanted:
                found = history.introduced.setdefault(oid.decode(), [])
                if len(found) < _MOST_INTRODUCTIONS:
                    found.append((commit, path.decode(errors="backslashreplace")))
    history.reachable = _revisions(git, history, "--all")
    history.tip_commits = _revisions(git, history, "HEAD")
    history.tip = _tip(git, wanted)
    return history


def instant(seconds: bytes) -> datetime | None:
    """Return a commit's date, or None for one that no clock has shown."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _note_reader(history: History, commit: Commit) -> None:
    for who, at in (
        (commit.author, commit.authored_at),
        (commit.committer, commit.committed_at),
    ):
        known = history.readers.setdefault(who, at)
        if at is not None and (known is None or at < known):
            history.readers[who] = at


def _log(
    git: Git, commits: Iterable[str], history: History
) -> Iterator[tuple[Commit, list[tuple[bytes, bytes]]]]:
    """Yield every commit with the objects it brought in, parents before children."""
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.writelines(f"{oid}\n".encode() for oid in commits)
        stdin.seek(0)
        process = git.start(
            *("log", "--stdin", "--all", "--ignore-missing", "--topo-order", "--reverse"),
            *("--raw", "-z", "--diff-merges=combined", "--root", "--no-abbrev", "--no-renames"),
            *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color"),
            f"--format={_FORMAT}",
            stdin=stdin,
            stderr=stderr,
        )
        if process.stdout is None:
            return
        with process:
            yield from _parsed(_tokens(process.stdout))
        history.whole = process.returncode == 0


def _tokens(pipe: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while block := pipe.read1(1 << 20) if hasattr(pipe, "read1") else pipe.read(1 << 20):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        yield rest


def _parsed(tokens: Iterator[bytes]) -> Iterator[tuple[Commit, list[tuple[bytes, bytes]]]]:
    commit: Commit | None = None
    entries: list[tuple[bytes, bytes]] = []
    for raw in tokens:
        token = raw.lstrip(b"\n")
        if token.startswith(b"\x01"):
            if commit is not None:
                yield commit, entries
            fields = [token[1:], *(next(tokens, b"") for _ in range(_FIELDS - 1))]
            commit, entries = _commit(fields), []
        elif token.startswith(b":"):
            meta = token.split(b" ")
            parents = len(token) - len(token.lstrip(b":"))
            path = next(tokens, b"")
            entries.append((meta[2 * parents + 1], path))
    if commit is not None:
        yield commit, entries


def _commit(fields: list[bytes]) -> Commit:
    oid, author, mapped, authored, committer, committed, name, committer_name = (
        item.decode(errors="replace") for item in fields
    )
    return Commit(
        oid=oid,
        author=author,
        mapped=mapped,
        authored_at=instant(authored.encode()),
        committer=committer,
        committed_at=instant(committed.encode()),
        author_name=name,
        committer_name=committer_name,
    )


def _revisions(git: Git, history: History, start: str) -> frozenset[str]:
    try:
        return frozenset(git.run("rev-list", "--ignore-missing", start, "--").decode().split())
    except SourceError:
        # an unborn HEAD leads nowhere; a broken history is told by `whole`
        history.whole = history.whole and start == "HEAD"
        return frozenset()


def _tip(git: Git, wanted: frozenset[bytes]) -> dict[str, str]:
    """Which of the wanted objects the default branch holds now, with their paths."""
    found: dict[str, str] = {}
    with tempfile.TemporaryFile() as stderr:
        process = git.start(
            *("ls-tree", "-r", "-z", "--full-tree", "HEAD"),
            stdin=subprocess.DEVNULL,
            stderr=stderr,
        )
        if process.stdout is None:
            return found
        with process:
            for count, entry in enumerate(_tokens(process.stdout)):
                meta, _, path = entry.partition(b"\t")
                oid = meta.rpartition(b" ")[2]
                if oid in wanted:
                    found.setdefault(oid.decode(), path.decode(errors="backslashreplace"))
                if count >= _MOST_TREE_ENTRIES:
                    process.kill()
                    break
    return found
