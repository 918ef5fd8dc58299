"""Whom a repository's own .mailmap takes a name and address for: its word, and so a hint only.

git itself maps (https://git-scm.com/docs/git-check-mailmap), from the file that the default branch
holds now and no other. Anybody who can push can write there, a file built to take all night included.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace

from connectors.git_command import Git
from correlate.errors import SourceError

Contact = tuple[str, str]  # name and address, as a commit has them

_LARGEST = 256 * 1024  # git sorts entry by entry: its time grows with the square of their number
_SECONDS = 60.0
_UNASKABLE = frozenset("<>\n\r\0")  # git gives up on all when it cannot read one line


def mapped(git: Git, contacts: Iterable[Contact]) -> dict[Contact, str]:
    """Return the address that each contact is mapped to, of those mapped to another. Never raises:
    without a .mailmap, or with one that is too large or that git cannot read, nobody is mapped.
    """
    asked = sorted({one for one in contacts if _askable(one)})
    if not asked:
        return {}
    try:
        blob = _blob(git)
        lines = _answers(git, blob, asked) if blob else []
    except SourceError:
        return {}
    if len(lines) != len(asked):
        return {}
    found = {one: _address(line) for one, line in zip(asked, lines, strict=True)}
    return {one: to for one, to in found.items() if to and to.casefold() != one[1].casefold()}


def _blob(git: Git) -> str:
    """Return the file's object, so that what is read is what was measured; "" where there is none."""
    told = git.run("cat-file", "--batch-check", data=b"HEAD:.mailmap\n", seconds=_SECONDS).split()
    fits = len(told) == 3 and told[1] == b"blob" and int(told[2]) <= _LARGEST  # noqa: PLR2004
    return told[0].decode() if fits else ""


def _answers(git: Git, blob: str, asked: Iterable[Contact]) -> list[bytes]:
    data = b"".join(f"{name} <{address}>\n".encode() for name, address in asked)
    words = ("-c", f"mailmap.blob={blob}", "check-mailmap", "--stdin")
    with tempfile.TemporaryDirectory() as empty:  # where it stands it would read .mailmap, too
        there = replace(git, git_dir=git.git_dir.absolute())
        return there.run("-C", empty, *words, data=data, seconds=_SECONDS).split(b"\n")[:-1]


def _askable(one: Contact) -> bool:
    return bool(one[1]) and _UNASKABLE.isdisjoint(one[0] + one[1])


def _address(line: bytes) -> str:
    return line.rpartition(b"<")[2].partition(b">")[0].decode(errors="replace").strip()
