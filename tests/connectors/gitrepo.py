"""Real repositories for tests, made by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.git_names import name_of
from connectors.source_git import GitSource, Settings, connect
from correlate.model import Batch, Document, Locator, Skip, Trace
from correlate.ports import ScanUnit, Setup


class Repo:
    """A repository with a working tree at `path`."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        subprocess.run(["git", "init", "-q", "-b", "main", *options, str(path)], check=True)

    def git(self, *args: str, data: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            ["git", "-C", str(self.path), *args],
            check=True,
            input=data,
            capture_output=True,
            env={**os.environ, **(env or {})},
        )
        return done.stdout.decode().strip()

    def commit(self, files: Mapping[str, str | bytes | None], who: str = "", **env: str) -> str:
        """Write (None: delete) the files and commit; return the commit's id."""
        for name, content in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        self.git("add", "-A")
        if who:
            env |= {"GIT_AUTHOR_EMAIL": who, "GIT_AUTHOR_NAME": who.partition("@")[0]}
        self.git("commit", "-q", "--allow-empty", "-m", "change", env=env)
        return self.git("rev-parse", "HEAD")

    def blob(self, rev: str) -> str:
        return self.git("rev-parse", rev)


def new_key(path: Path, sort: str, bits: int = 0) -> Path:
    """Make a key pair as people do; return where its private half is."""
    size = ("-b", str(bits)) if bits else ()
    words = ("ssh-keygen", "-q", "-t", sort, *size, "-N", "", "-C", "test", "-f", str(path))
    subprocess.run(words, check=True)
    return path


def key_fingerprint(key: Path) -> str:
    told = subprocess.run(["ssh-keygen", "-l", "-f", str(key)], check=True, capture_output=True)
    return told.stdout.decode().split()[1]


def signed_commit(repo: Repo, files: Mapping[str, str], key: Path) -> str:
    """Commit as `Repo.commit` does, signed with an SSH key."""
    repo.git("config", "gpg.format", "ssh")
    repo.git("config", "user.signingkey", str(key))
    repo.git("config", "commit.gpgsign", "true")
    try:
        return repo.commit(files)
    finally:
        repo.git("config", "commit.gpgsign", "false")


class Everything:
    """Nothing was scanned before, or what `known` holds was."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self.known = frozenset(known)

    def unchanged(self, container: str, state: str) -> bool:
        assert container
        assert state
        return False

    def unknown(self, container: str, items: Sequence[str]) -> Sequence[str]:
        assert container
        return [item for item in items if item not in self.known]


def source(workdir: Path, *repositories: str | Path, **settings: object) -> GitSource:
    names = tuple(str(name) for name in repositories)
    made = Settings(repositories=names, **settings)  # type: ignore[arg-type]  # tests name fields
    return connect(made, Setup("code", workdir))


def plan(git: GitSource, known: Sequence[str] = ()) -> tuple[list[ScanUnit], list[Skip]]:
    planned = list(git.units(Everything(known)))
    units = [item for item in planned if isinstance(item, ScanUnit)]
    return units, [item for item in planned if isinstance(item, Skip)]


def texts(git: GitSource, known: Sequence[str] = ()) -> dict[str, bytes]:
    """Every object's content by id."""
    pieces = (piece for unit in plan(git, known)[0] for piece in git.documents(unit))
    return {doc.locator.item: doc.data for piece in pieces for doc in documents_of(piece)}


def documents_of(piece: Document | Batch | Skip) -> list[Document]:
    """The documents in a piece of a source, taken out before the next piece is drawn."""
    match piece:
        case Batch():
            return list(piece.documents())
        case Document():
            return [piece]
        case Skip():
            return []


def trace(git: GitSource, container: Path | str, *items: str) -> list[Trace]:
    name = name_of(str(container))
    return list(git.trace([Locator("code", name, item) for item in items]))
