"""Where a configured repository's objects are: a local one in place, a remote one in our mirror.

A local repository is read where it stands, since a clone would lose its unreachable objects.
A remote one is mirrored bare under the source's own folder; nothing is ever pruned there, so
what a force-push took away stays readable.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from git import InvalidGitRepositoryError, NoSuchPathError, Repo

from connectors.git_command import Git
from correlate.errors import ConfigError, SourceError

_URL = re.compile(r"(https|http|ssh|file)://[^\s]+")
_SCP = re.compile(r"[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s:]+")


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository. `container` is its name in locators, `url` empty for a local one."""

    container: str
    git_dir: Path
    url: str = ""


def repository(spec: str, mirrors: Path) -> Repository:
    """Return where the repository named by a path or URL is, or will be. Reads no repository.

    Raises ConfigError for a URL with a password in it or of an unknown scheme, and for a
    path that holds no repository.
    """
    if not spec:
        raise _wrong("", "its name is empty")
    if "://" not in spec and not _SCP.fullmatch(spec):
        return Repository(spec, find_git_dir(Path(spec).expanduser()))
    if not _URL.fullmatch(spec) and not _SCP.fullmatch(spec):
        raise _wrong(spec.partition("://")[0], "its scheme is not https, ssh, http or file")
    if "://" in spec and urlsplit(spec).password:
        raise _wrong(urlsplit(spec).hostname or "", "a password stands in the URL")
    digest = hashlib.sha256(spec.encode()).hexdigest()[:24]
    return Repository(spec, mirrors / f"{digest}.git", spec)


def find_git_dir(path: Path) -> Path:
    """Return the folder that holds the objects of the repository at `path`.

    Follows the ".git" file and "commondir" of a linked worktree. Raises ConfigError.
    """
    inner = path / ".git"
    if inner.is_file():
        inner = path / inner.read_text(errors="replace").removeprefix("gitdir:").strip()
    for folder in (inner, path):
        common = folder / "commondir"
        store = folder / common.read_text().strip() if common.is_file() else folder
        if (store / "HEAD").exists() and (store / "objects").is_dir():
            return store.resolve()
    raise _wrong(str(path), "no git repository stands there")


def refresh(place: Repository, login: dict[str, str], seconds: float) -> None:
    """Bring a remote repository's mirror up to date; a local one is left alone.

    Raises SourceError. What the mirror had stays, whatever happens.
    """
    if not place.url:
        return
    scheme = place.url.partition("://")[0] if "://" in place.url else "ssh"
    if not _is_mirror(place.git_dir):
        _clone(place, scheme, login, seconds)
        return
    Git(place.git_dir, scheme, login).run(
        *("fetch", "--quiet", "--prune", "--force", "--no-tags", "--no-write-fetch-head"),
        *("--no-recurse-submodules", "origin", "+refs/*:refs/*"),
        seconds=seconds,
    )


def _clone(place: Repository, scheme: str, login: dict[str, str], seconds: float) -> None:
    half = place.git_dir.with_suffix(f".{os.getpid()}.half")
    half.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(half, ignore_errors=True)
    try:
        Git(half, scheme, login).run(
            *("clone", "--quiet", "--mirror", "--no-local", "--template=", "--", place.url),
            str(half),
            seconds=seconds,
        )
        half.rename(place.git_dir)
    except OSError as error:
        raise SourceError(
            "A mirror cannot be written",
            where=str(place.git_dir),
            why=type(error).__name__,
            fix="check the state folder's space and permissions",
        ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _is_mirror(path: Path) -> bool:
    """GitPython opens mirrors that we made, and nothing else."""
    try:
        with Repo(path) as mirror:
            return bool(mirror.bare)
    except (InvalidGitRepositoryError, NoSuchPathError):
        return False


def gaps(git: Git) -> list[str]:
    """Return why the store cannot be whole, one plain sentence each."""
    found = []
    if (git.git_dir / "shallow").exists():
        found.append("a shallow clone: older history is not here")
    if any((git.git_dir / "objects" / "pack").glob("*.promisor")):
        found.append("a partial clone: some objects are only on the server")
    if _halves(git.git_dir / "objects" / "pack"):
        found.append("a pack without its index, or an index without its pack")
    try:
        if git.run("ls-tree", "-z", "HEAD", ".gitmodules"):
            found.append("submodules are other repositories and are not followed")
    except SourceError:
        pass  # no commit yet: no submodules either
    return found


def _halves(packs: Path) -> bool:
    """Whether git cannot see a pack: it lists what an index names whose pack stands beside it."""
    return {path.stem for path in packs.glob("*.pack")} != {
        path.stem for path in packs.glob("*.idx")
    }


def _wrong(where: str, why: str) -> ConfigError:
    return ConfigError(
        "A repository cannot be used",
        where=where[:200],
        why=why,
        fix="name a local path or an https, ssh or file URL; give a token by `token`",
    )
