"""Every credential ever put into a history is found, wherever it stands, with who put it there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from correlate.kind import Grade, Kind
from correlate.model import CoverageState, Exposure, KindId, Trace, Truth
from detectors.mint import mint
from jobs.cache import cache_folder
from jobs.scan_path import PathScan, scan_path
from tests.connectors.gitrepo import Repo
from tests.jobs.scanning import KINDS

SECRETS = 200
START = datetime(2020, 1, 1, tzinfo=UTC)
NAMELESS = "nobody@fennelandrye.example"


@dataclass(frozen=True, slots=True)
class Placement:
    """One secret at one place, put there once, by one person."""

    kind: KindId
    place: str
    number: int
    reachable: Truth
    at_tip: Truth

    @property
    def path(self) -> str:
        return f"{self.place}/{self.number % 7}/{self.kind} {self.number}.env"

    @property
    def who(self) -> str:
        return f"{self.place}.{self.number}@fennelandrye.example"

    @property
    def at(self) -> datetime:
        """A second that belongs to no other placement."""
        return START + timedelta(hours=7 * self.number, seconds=list(PLACES).index(self.place))

    @property
    def content(self) -> bytes:
        return f"# {self.place}\nTOKEN={mint(KINDS[self.kind], str(self.number))}\n".encode()

    @property
    def blob(self) -> str:
        return hashlib.sha1(b"blob %d\0%b" % (len(self.content), self.content)).hexdigest()  # noqa: S324  # as git does


@dataclass(slots=True)
class Stream:
    """What `git fast-import` reads; it names commits by marks, and tells their ids at the end."""

    folder: Path
    lines: list[bytes] = field(default_factory=list)
    marks: int = 0

    def commit(
        self,
        ref: str,
        parents: Sequence[int] = (),
        *,
        who: str = NAMELESS,
        at: datetime = START,
        put: dict[str, bytes] | None = None,
        gone: str = "",
    ) -> int:
        """Add a commit; return its mark."""
        self.marks += 1
        person = f"{who.partition('@')[0]} <{who}> {at.timestamp():.0f} +0100"
        # without it a ref that stands goes on from its last commit
        head = [f"reset {ref}"] * (not parents)
        head += [f"commit {ref}", f"mark :{self.marks}", f"author {person}", f"committer {person}"]
        head += ["data 0", *(f"from :{mark}" for mark in parents[:1])]
        head += [f"merge :{mark}" for mark in parents[1:]]
        self.lines += [line.encode() for line in head]
        for path, content in (put or {}).items():
            self.lines += [f'M 100644 inline "{path}"'.encode(), b"data %d" % len(content), content]
        self.lines += [f'D "{gone}"'.encode()] * bool(gone)
        return self.marks

    def tag(self, name: str, mark: int) -> None:
        """Add an annotated tag."""
        self.lines += [f"tag {name}".encode(), b"from :%d" % mark]
        self.lines += [f"tagger T <{NAMELESS}> 1600000000 +0000".encode(), b"data 0"]

    def ref(self, name: str, mark: int) -> None:
        """Let a ref lead to a commit."""
        self.lines += [f"reset {name}".encode(), b"from :%d" % mark]

    def load(self, repo: Repo) -> dict[int, str]:
        """Make the commits; return their ids by mark."""
        told = self.folder / "marks"
        repo.git(
            *("fast-import", "--quiet", "--force", f"--export-marks={told}"),
            data=b"\n".join([*self.lines, b"done", b""]),
        )
        pairs = (line.split() for line in told.read_text().splitlines())
        return {int(mark[1:]): oid for mark, oid in pairs}


def standing(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """It stands in a file of the default branch to this day."""
    mark = put(stream, "refs/heads/main", (main,), seeded)
    return mark, mark


def deleted(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """Its file was deleted in the next commit, by somebody else."""
    mark = put(stream, "refs/heads/main", (main,), seeded)
    return mark, stream.commit("refs/heads/main", (mark,), at=seeded.at, gone=seeded.path)


def forced(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """A force-push took its commit away, so that no ref leads there."""
    return put(stream, f"refs/heads/lost/{seeded.number}", (main,), seeded), main


def merged(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """None of a merge's parents have it: whoever merged put it in."""
    side = f"side/{seeded.number}"
    theirs = stream.commit(f"refs/heads/{side}", (main,), at=seeded.at, put={side: b"x\n"})
    mark = put(stream, "refs/heads/main", (main, theirs), seeded)
    return mark, mark


def tagged(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """Only a tag leads to its commit; every other one is annotated."""
    name = f"v{seeded.number}"
    mark = put(stream, f"refs/heads/lost/{name}", (main,), seeded)
    if seeded.number % 2:
        stream.tag(name, mark)
    else:
        stream.ref(f"refs/tags/{name}", mark)
    return mark, main


def stashed(stream: Stream, main: int, seeded: Placement) -> tuple[int, int]:
    """A stash has it: in the working tree, in the index as well, or in a file not tracked.

    A stash is a merge of what it stands on, its index and, as a root, the files not tracked.
    """
    name = f"refs/custom/stash/{seeded.number}" if seeded.number else "refs/stash"
    lost = f"refs/heads/lost/parts{seeded.number}"
    way = seeded.number % 3
    if way == 0:
        index = stream.commit(lost, (main,), at=seeded.at)
        return put(stream, name, (main, index), seeded), main
    if way == 1:
        index = put(stream, lost, (main,), seeded)
        stream.commit(name, (main, index), at=seeded.at, put={seeded.path: seeded.content})
        return index, main
    index = stream.commit(lost, (main,), at=seeded.at)
    untracked = put(stream, lost, (), seeded)
    stream.commit(name, (main, index, untracked), at=seeded.at)
    return untracked, main


PLACES = {
    "standing": (standing, Truth.YES, Truth.YES),
    "deleted": (deleted, Truth.YES, Truth.NO),
    "forced": (forced, Truth.NO, Truth.NO),
    "merged": (merged, Truth.YES, Truth.YES),
    "tagged": (tagged, Truth.YES, Truth.NO),
    "stashed": (stashed, Truth.YES, Truth.NO),
}


def put(stream: Stream, ref: str, parents: Sequence[int], seeded: Placement) -> int:
    files = {seeded.path: seeded.content}
    return stream.commit(ref, parents, who=seeded.who, at=seeded.at, put=files)


def self_telling() -> list[Kind]:
    """The kinds whose token alone, whatever stands around it, tells what it is."""
    found = []
    for kind in KINDS.values():
        if kind.grade is Grade.ISSUER and not kind.partner and not kind.form:
            token = mint(kind, "0").encode()
            match = re.search(kind.pattern.encode(), token)
            if match and match[1] == token and b"\n" not in token:
                found.append(kind)
    return found


def placements() -> Iterator[Placement]:
    for number, kind in enumerate(self_telling()[:SECRETS]):
        for place, (_, reachable, at_tip) in PLACES.items():
            yield Placement(kind.id, place, number, reachable, at_tip)


@dataclass(frozen=True, slots=True)
class Seeded:
    """The history, where each placement's commit is, and what a scan said of it."""

    commits: dict[Placement, str]
    found: dict[str, list[Exposure]]
    scan: PathScan

    def trace(self, seeded: Placement) -> Trace:
        (exposure,) = self.found[seeded.blob]
        assert exposure.trace is not None
        return exposure.trace


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    folder = tmp_path_factory.mktemp("seeded")
    stream, repo = Stream(folder), Repo(folder / "r.git", "--bare")
    main = stream.commit("refs/heads/main", put={"start": b"x\n"})
    marks: dict[Placement, int] = {}
    for placement in placements():
        marks[placement], main = PLACES[placement.place][0](stream, main, placement)
    oids = stream.load(repo)
    lost = repo.git("for-each-ref", "--format=delete %(refname)", "refs/heads/lost")
    sides = repo.git("for-each-ref", "--format=delete %(refname)", "refs/heads/side")
    repo.git("update-ref", "--stdin", data=f"{lost}\n{sides}\n".encode())
    scan = scan_path(repo.path, cache=cache_folder(folder / "cache"), workers=2)
    found: dict[str, list[Exposure]] = {}
    for exposure in scan.exposures:
        found.setdefault(exposure.locator.item, []).append(exposure)
    return Seeded({item: oids[mark] for item, mark in marks.items()}, found, scan)


def test_every_secret_is_found_at_every_place_and_nothing_else(seeded: Seeded) -> None:
    wanted = sorted((item.blob, item.kind) for item in seeded.commits)
    assert len(wanted) == len({blob for blob, _ in wanted}) == SECRETS * len(PLACES)
    assert sorted((e.locator.item, e.kind) for e in seeded.scan.exposures) == wanted
    assert all(exposure.locator.line == 2 for exposure in seeded.scan.exposures)
    assert [part.state for part in seeded.scan.coverage] == [CoverageState.COMPLETE]
    assert not seeded.scan.skips


def test_one_secret_has_one_fingerprint_at_all_its_places(seeded: Seeded) -> None:
    by_secret: dict[int, set[str]] = {}
    for item in seeded.commits:
        told = {str(exposure.fingerprint) for exposure in seeded.found[item.blob]}
        by_secret.setdefault(item.number, set()).update(told)
    assert all(len(told) == 1 for told in by_secret.values())
    assert len(set.union(*by_secret.values())) == SECRETS


@pytest.mark.parametrize("place", PLACES)
def test_who_put_it_there_is_told(seeded: Seeded, place: str) -> None:
    assert PLACES[place][0].__doc__
    placed = [item for item in seeded.commits if item.place == place]
    assert len(placed) == SECRETS
    for item in placed:
        trace = seeded.trace(item)
        author, committer = trace.introduced
        assert (author.identity.handle, author.role) == (item.who, "author")
        assert (author.commit, author.at, trace.path) == (seeded.commits[item], item.at, item.path)
        assert (committer.identity.handle, committer.role) == (item.who, "committer")
        assert (trace.reachable, trace.at_tip) == (item.reachable, item.at_tip)


def test_everybody_who_ever_committed_could_read(seeded: Seeded) -> None:
    readers = {reader.identity.handle for reader in seeded.trace(next(placements())).readers}
    assert readers == {NAMELESS, *(item.who for item in seeded.commits)}


# --- one text that moves about ----------------------------------------------------------------


def only_trace(repo: Repo) -> Trace:
    cache = cache_folder(repo.path / "cache")
    (exposure,) = scan_path(repo.path / ".git", cache=cache, workers=1).exposures
    assert exposure.trace is not None
    return exposure.trace


def dated(day: int) -> dict[str, str]:
    at = f"2024-01-{day:02}T00:00:00Z"
    return {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}


def moved_about(repo: Repo, *steps: tuple[str, str, str]) -> list[str]:
    """Each step is a person, where they put the file, and where they take it away."""
    text = mint(self_telling()[0], "moves") + "\n"
    repo.commit({"start": "x\n"}, **dated(1))
    commits = []
    for day, (who, there, gone) in enumerate(steps, 2):
        files: dict[str, str | bytes | None] = {there: text} if there else {}
        files |= {gone: None} if gone else {}
        commits.append(repo.commit(files, f"{who}@fennelandrye.example", **dated(day)))
    return commits


def authors(trace: Trace) -> list[tuple[str, str]]:
    touches = (touch for touch in trace.introduced if touch.role == "author")
    return [(touch.identity.handle.partition("@")[0], touch.commit) for touch in touches]


def test_a_file_that_was_moved_is_its_first_authors_and_its_movers(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    commits = moved_about(repo, ("ann", "a/b.txt", ""), ("ben", "c/d.txt", "a/b.txt"))
    trace = only_trace(repo)
    assert authors(trace) == list(zip(("ann", "ben"), commits, strict=True))
    assert (trace.path, trace.at_tip, trace.reachable) == ("c/d.txt", Truth.YES, Truth.YES)


def test_who_puts_a_deleted_file_back_elsewhere_is_told_after_its_first_author(
    tmp_path: Path,
) -> None:
    repo = Repo(tmp_path)
    steps = (("ann", "a.txt", ""), ("ben", "", "a.txt"), ("cat", "b.txt", ""))
    commits = moved_about(repo, *steps)
    trace = only_trace(repo)
    assert authors(trace) == [("ann", commits[0]), ("cat", commits[2])]
    assert (trace.path, trace.at_tip, trace.reachable) == ("b.txt", Truth.YES, Truth.YES)


def test_what_a_force_push_took_away_is_told_before_what_stands_now(tmp_path: Path) -> None:
    repo, text = Repo(tmp_path), mint(self_telling()[0], "moves") + "\n"
    start = repo.commit({"start": "x\n"}, **dated(1))
    lost = repo.commit({"a.txt": text}, "ann@fennelandrye.example", **dated(2))
    repo.git("reset", "-q", "--hard", start)
    kept = repo.commit({"b.txt": text}, "ben@fennelandrye.example", **dated(3))
    repo.git("reflog", "expire", "--expire=now", "--all")
    trace = only_trace(repo)
    assert authors(trace) == [("ann", lost), ("ben", kept)]
    assert (trace.path, trace.at_tip, trace.reachable) == ("b.txt", Truth.YES, Truth.YES)
