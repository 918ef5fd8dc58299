"""CODEOWNERS files: who reviews a path. A hint to who might inherit, and never more: nobody listed
there has accepted anything, and the file is the repository's own word.

GitHub, https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners:
the last line that matches wins, also when it names nobody; patterns are gitignore's without `!`,
`[ ]` and an escaped `#`; `#` begins a comment anywhere.

GitLab, https://docs.gitlab.com/user/project/codeowners/reference/: sections are read apart, the last
line that matches in each counts, and a line without owners takes the section's; a path that does not
begin with `/` matches at any depth, and only one that ends with `/` what is below it; `!` takes a path
out of its section for good (https://gitlab.com/gitlab-org/gitlab/-/work_items/519623).

A pattern takes time in proportion to its length times the path's, whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_BYTES = 3_000_000  # GitHub loads no larger one (same page)
_SECTION = re.compile(r"\^?\[([^\]]+)\](?:\[\d+\])?(?:\s+(.*))?")
_SPACE = re.compile(r"(?<!\\)\s+")


class Forge(StrEnum):
    """Whose rules a file is read by."""

    GITHUB = "github"
    GITLAB = "gitlab"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the pattern's parts between slashes, and its owners as they are written."""

    section: str
    parts: tuple[str, ...]
    owners: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A file that was read."""

    lines: tuple[Line, ...]

    def owners(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path ("src/app.py"), as written, in the order of the file."""
        parts = tuple(path.strip("/").split("/"))
        last: dict[str, tuple[str, ...]] = {}
        out: set[str] = set()
        for line in self.lines:
            if _matches(line.parts, parts):
                last[line.section] = line.owners
                out |= {line.section} if line.excluded else set()
        named = (
            owner for section, owners in last.items() if section not in out for owner in owners
        )
        return tuple(dict.fromkeys(named))


def parse(text: str, forge: Forge) -> CodeOwners:
    """Read a file's text. A line that means nothing is left out, and one too long is read as empty."""
    if len(text.encode()) > MOST_BYTES:
        return CodeOwners(())
    read = _github if forge is Forge.GITHUB else _gitlab
    lines = (line.strip() for line in text.splitlines())
    return CodeOwners(tuple(read(line for line in lines if line and not line.startswith("#"))))


def _github(lines: Iterable[str]) -> Iterator[Line]:
    for line in lines:
        pattern, *owners = _SPACE.split(re.split(r"(?<!\\)\s#", line)[0].strip())
        if pattern.startswith(("!", "\\#")) or "[" in pattern:
            continue  # none of them works there
        pattern = pattern.replace("\\ ", " ")
        anchored = "/" in pattern.rstrip("/")
        parts = [part for part in pattern.split("/") if part]
        if not parts:
            continue
        if not anchored:
            parts = ["**", *parts]
        one_level = parts[-1] == "*" and anchored
        if not one_level and parts[-1] != "**":
            # what a directory's name matches owns all below it; a final slash means directories only
            parts.append("**" if pattern.endswith("/") else "/**")
        yield Line("", tuple(parts), tuple(owners))


def _gitlab(lines: Iterable[str]) -> Iterator[Line]:
    section, default = "", ()
    for line in lines:
        heading = _SECTION.fullmatch(line)
        if heading:
            section, default = heading[1].strip().casefold(), tuple((heading[2] or "").split())
            continue
        pattern, *owners = _SPACE.split(line)
        excluded = pattern.startswith("!")
        pattern = pattern.removeprefix("!").replace("\\ ", " ").replace("\\#", "#")
        parts = [part for part in pattern.split("/") if part]
        if not pattern.startswith("/"):
            parts = ["**", *parts]
        if pattern.endswith("/"):
            parts.append("**")
        elif parts[-1:] == ["**"]:
            parts[-1] = "*"  # there it stands for more than one level before a slash only
        yield Line(section, tuple(parts), tuple(owners) or default, excluded)


def _matches(pattern: Sequence[str], path: Sequence[str]) -> bool:
    """Whether a pattern's parts match all of a path's: "**" stands for any number of directories, at
    the end for at least one name, and "/**" at the end for any number of names, none included.
    """
    reached = {0}
    for number, part in enumerate(pattern):
        last = number == len(pattern) - 1
        if part == "/**" or (part == "**" and not last):
            reached = set(range(min(reached), len(path) + 1)) if reached else reached
        elif part == "**":
            return bool(reached) and min(reached) < len(path)
        else:
            reached = {at + 1 for at in reached if at < len(path) and _fits(part, path[at])}
    return len(path) in reached


def _fits(glob: str, name: str) -> bool:
    """Whether a name matches `*` and `?` by the last star alone, without trying all ways again."""
    at = here = 0
    star, resume = -1, 0
    while here < len(name):
        if at < len(glob) and glob[at] == "*":
            star, resume, at = at, here, at + 1
        elif at < len(glob) and glob[at] in ("?", name[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(char == "*" for char in glob[at:])
