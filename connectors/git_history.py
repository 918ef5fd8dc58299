"""Who brought an object into a repository, where it stands, and who could read it.

For all hits of a repository together. `git rev-list --objects --in-commit-order` names each object
once, behind the first commit that has it; it reads each tree once, however many commits share it,
and takes a tenth of the time of comparing every commit with its parents. Only the commits found so
are compared, for exact paths: merges with all parents at once, so that what only a merge brought in
is seen. All parsing of names is of bytes with NUL between fields: they may hold anything else.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import merge
from itertools import chain
from typing import IO

from connectors.git_command import Git, failure
from connectors.git_mailmap import Contact, mapped
from connectors.git_signers import signers
from connectors.git_walk import ORDER
from correlate.errors import SourceError
from correlate.model import Identity, Reader, Right, Touch

_FORMAT = "%x01%H%x00%ae%x00%at%x00%ce%x00%ct%x00%an%x00%cn"
_FIELDS = 7
_LOG = (
    *("-z", "--diff-merges=combined", "--root", "--no-abbrev", "--no-renames", "--no-ext-diff"),
    *("--no-textconv", "--no-show-signature", "--no-color", f"--format={_FORMAT}"),
)
_MOST_INTRODUCTIONS = 8
_MOST_TREE_ENTRIES = 5_000_000  # a tree built to never end is cut off here
_MOST_MOVES, _PATHS_AT_ONCE = 2000, 500
_DIFF_MB = 1024  # git keeps all that one commit changes: of a tree built to never end, all there is


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit's people and dates, as it says itself."""

    oid: str
    author: str
    authored_at: datetime | None
    committer: str
    committed_at: datetime | None
    author_name: str
    committer_name: str


@dataclass(slots=True)
class History:
    """What one pass found. `whole` is False when git could not walk to the end, or not all was
    there.
    """

    introduced: dict[str, list[tuple[Commit, str]]] = field(default_factory=dict)
    messages: dict[str, Commit] = field(default_factory=dict)
    readers: dict[str, datetime | None] = field(default_factory=dict)
    reachable: frozenset[str] = frozenset()
    tip_paths: dict[str, bytes] = field(default_factory=dict)
    tip_commits: frozenset[str] = frozenset()
    chosen: dict[str, Commit] = field(default_factory=dict)
    mapped: dict[Contact, str] = field(default_factory=dict)
    signers: dict[str, str] = field(default_factory=dict)
    whole: bool = True

    def touches(self, commit: Commit) -> Iterator[Touch]:
        """Yield what its author and committer did, whom the .mailmap takes them for, and whose key
        signed it.
        """
        for name, mail, role, at in (
            (commit.author_name, commit.author, "author", commit.authored_at),
            (commit.committer_name, commit.committer, "committer", commit.committed_at),
        ):
            to = self.mapped.get((name, mail))
            hint = Identity("mail", to) if to else None
            yield Touch(Identity("mail", mail), role, at, name, commit.oid, hint)
        key = self.signers.get(commit.oid)
        if key:
            who = Identity("ssh-key", key)
            yield Touch(who, "signer", commit.committed_at, commit=commit.oid)

    def tip_path(self, oid: str) -> str:
        """Return where the default branch has the object now, for people; "" where it has not."""
        return self.tip_paths.get(oid, b"").decode(errors="backslashreplace")

    def reader_list(self) -> tuple[Reader, ...]:
        """Return everyone who committed, as readers of the repository."""
        why = "committed to the repository"
        return tuple(
            Reader(Identity("mail", who), why, at, right=Right.WROTE)
            for who, at in self.readers.items()
        )


def read_history(
    git: Git, oids: Iterable[str], commits: Iterable[str], walked: Iterable[bytes] | None = None
) -> History:
    """Return the history of `oids`. `commits` are all commits of the store, reachable or not;
    `walked` the lines of a walk over all that is reachable (`connectors.git_walk`), if one was made.
    """
    history, wanted = History(), frozenset(oid.encode() for oid in oids)
    everywhere = [oid.encode() for oid in commits]
    lines = _walk(git, ("--all",), (), history) if walked is None else walked
    first, reachable = _first_commits(lines, wanted, history)
    history.reachable = frozenset(oid.decode() for oid in reachable)
    lost = {oid: None for oid in everywhere if oid not in reachable}
    if lost:
        # what a force-push took away may hold the object earlier than what came instead
        lines = _walk(git, ("--not", "--all"), lost, history)
        earlier, lost = _first_commits(lines, wanted, history)
        first |= {(oid, commit): path for (oid, commit), path in earlier.items()}
    _read_people(git, everywhere, history)
    known = wanted.intersection(everywhere)
    chosen = {commit for _, commit in first} | known
    if chosen:
        _read_commits(git, wanted, ("--no-walk=unsorted", "--raw"), chosen, history)
        unread = chosen.difference(oid.encode() for oid in history.chosen)
        if unread:  # the comparison was cut off: their people at least
            _read_commits(git, wanted, ("--no-walk=unsorted", "--no-patch"), unread, history)
    for (oid, commit), path in first.items():
        _without_diff(history, oid, commit, path)
    history.tip_paths = _tip(git, wanted, history)
    _read_moves(git, wanted, history)
    _sort(history, chain(reachable, lost))
    if known:
        history.tip_commits = _revisions(git, "HEAD")
    _read_proofs(git, history)
    return history


def read_changes(git: Git) -> Iterator[tuple[Commit, Sequence[str]]]:
    """Yield every commit that a ref leads to, with the paths that it changed. Raises SourceError, at
    the end, when not all could be told.
    """
    history = History()
    args = ("log", "--all", *_LOG, "--raw", "--")
    for commit, entries in _parsed(_log_tokens(git, args, (), history)):
        yield commit, [path.decode(errors="backslashreplace") for _, path in entries]
    if not history.whole:
        raise failure(git.git_dir, "log", "it could not walk to the end, or was cut off")


def instant(seconds: bytes) -> datetime | None:
    """Return a commit's date, or None for one that no clock has shown."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _first_commits(
    lines: Iterable[bytes], wanted: frozenset[bytes], history: History
) -> tuple[dict[tuple[bytes, bytes], bytes], dict[bytes, None]]:
    """The first commit with each wanted object, and its path there as far as a line end; and
    every commit that was walked, none before its parents.
    """
    first: dict[tuple[bytes, bytes], bytes] = {}
    walked: dict[bytes, None] = {}
    commit = b""
    for line in lines:
        oid, blank, path = line.rstrip(b"\n").partition(b" ")
        if oid.startswith(b"?"):
            history.whole = False
        elif not blank:
            commit = oid
            walked[oid] = None
        elif oid in wanted:
            first[oid, commit] = path
    return first, walked


def _walk(
    git: Git, which: Sequence[str], commits: Iterable[bytes], history: History
) -> Iterator[bytes]:
    args = ("rev-list", *ORDER, "--ignore-missing", "--stdin", *which)
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.writelines(oid + b"\n" for oid in commits)
        stdin.seek(0)
        process = git.start(*args, stdin=stdin, stderr=stderr)
        if process.stdout is not None:
            with process:
                yield from process.stdout
            history.whole = history.whole and process.returncode == 0


def _read_people(git: Git, commits: Iterable[bytes], history: History) -> None:
    """Note everyone who committed, since when."""
    args = ("log", "--stdin", "--all", "--ignore-missing", "--no-show-signature", "--no-color",
            "-z", "--format=%ae%x00%at%x00%ce%x00%ct")  # fmt: skip
    tokens = _log_tokens(git, args, commits, history)
    for who in tokens:
        _note_reader(history, who.lstrip(b"\n"), next(tokens, b""))


def _read_proofs(git: Git, history: History) -> None:
    """Note more of the people of the commits that are told of; of no others, which are many."""
    told = {commit.oid: commit for found in history.introduced.values() for commit, _ in found}
    told |= history.messages
    authors = ((one.author_name, one.author) for one in told.values())
    committers = ((one.committer_name, one.committer) for one in told.values())
    history.mapped = mapped(git, chain(authors, committers))
    history.signers = signers(git, told)


def _note_reader(history: History, who: bytes, seconds: bytes) -> None:
    name, at = who.decode(errors="replace"), instant(seconds)
    known = history.readers.setdefault(name, at)
    if at is not None and (known is None or at < known):
        history.readers[name] = at


def _read_commits(
    git: Git,
    wanted: frozenset[bytes],
    which: Sequence[str],
    commits: Iterable[bytes],
    history: History,
    paths: Sequence[str] = (),
) -> None:
    """Note which of the commits brought in which objects under which names, and their people."""
    args = ("log", "--stdin", *which, "--ignore-missing", *_LOG, "--", *paths)
    for commit, entries in _parsed(_log_tokens(git, args, commits, history)):
        if commit.oid.encode() in wanted:
            history.messages[commit.oid] = commit
        history.chosen[commit.oid] = commit
        for oid, path in entries:
            if oid in wanted:
                _note(history, oid.decode(), commit, path.decode(errors="backslashreplace"))


def _note(history: History, oid: str, commit: Commit, path: str) -> None:
    found = history.introduced.setdefault(oid, [])
    if len(found) < _MOST_INTRODUCTIONS and (commit, path) not in found:
        found.append((commit, path))


def _without_diff(history: History, oid: bytes, commit: bytes, path: bytes) -> None:
    """What the comparison did not name (it was cut off): the walk's own word is taken."""
    found = history.introduced.get(oid.decode(), [])
    known = history.chosen.get(commit.decode())
    if known is not None and not any(item.oid == known.oid for item, _ in found):
        _note(history, oid.decode(), known, path.decode(errors="backslashreplace"))


def _sort(history: History, walked: Iterable[bytes]) -> None:
    """Order each object's commits along the history, since dates can be wrong. No history leads
    from what a force-push took away to what is reachable: only dates tell which came first.
    """
    named = {commit.oid for found in history.introduced.values() for commit, _ in found}
    order = (oid for oid in map(bytes.decode, walked) if oid in named)
    place = {oid: number for number, oid in enumerate(order)}
    for found in history.introduced.values():
        found.sort(key=lambda item: place.get(item[0].oid, len(place)))
        kept = [item for item in found if item[0].oid in history.reachable]
        lost = [item for item in found if item[0].oid not in history.reachable]
        found[:] = merge(kept, lost, key=_committed)


def _committed(item: tuple[Commit, str]) -> datetime:
    return item[0].committed_at or datetime.max.replace(tzinfo=UTC)


def _read_moves(git: Git, wanted: frozenset[bytes], history: History) -> None:
    """Note who brought an object to where the default branch has it, if it stood elsewhere first."""
    moved = [
        os.fsdecode(path)
        for oid, path in history.tip_paths.items()
        if os.fsdecode(path) not in {name for _, name in history.introduced.get(oid, [])}
    ]
    for at in range(0, min(len(moved), _MOST_MOVES), _PATHS_AT_ONCE):
        paths = moved[at : at + _PATHS_AT_ONCE]
        _read_commits(git, wanted, ("HEAD", "--raw"), (), history, paths)


def _log_tokens(
    git: Git, args: Sequence[str], commits: Iterable[bytes], history: History
) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as stderr:
        stdin.writelines(oid + b"\n" for oid in commits)
        stdin.seek(0)
        process = git.start(*args, stdin=stdin, stderr=stderr, memory_mb=_DIFF_MB)
        if process.stdout is None:
            return
        with process:
            for count, token in enumerate(_tokens(process.stdout)):
                if count >= _MOST_TREE_ENTRIES:  # a tree built to never end
                    process.kill()
                    break
                yield token
        history.whole = history.whole and process.returncode == 0


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
    oid, author, authored, committer, committed, name, committer_name = (
        item.decode(errors="replace") for item in fields
    )
    return Commit(
        oid=oid,
        author=author,
        authored_at=instant(authored.encode()),
        committer=committer,
        committed_at=instant(committed.encode()),
        author_name=name,
        committer_name=committer_name,
    )


def _revisions(git: Git, start: str) -> frozenset[str]:
    try:
        return frozenset(git.run("rev-list", "--ignore-missing", start, "--").decode().split())
    except SourceError:
        return frozenset()  # an unborn HEAD leads nowhere; a broken history is told by `whole`


def _tip(git: Git, wanted: frozenset[bytes], history: History) -> dict[str, bytes]:
    """Which of the wanted objects the default branch holds now, with their paths."""
    found: dict[str, bytes] = {}
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
                    found.setdefault(oid.decode(), path)
                if count >= _MOST_TREE_ENTRIES:
                    history.whole = False
                    process.kill()
                    break
    return found
