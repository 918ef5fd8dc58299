"""Damaged and hostile repositories: what can be read is scanned, and the rest is told.

What a planted configuration would run is in tests/connectors/test_git_command.py, and what files
can hold in test_hostile_files.py.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from correlate.model import CoverageState, Trace, Truth
from jobs.cache import cache_folder
from jobs.scan_path import PathScan, scan_path
from jobs.scan_spec import Limits
from tests.connectors.gitrepo import Repo
from tests.jobs import hostile
from tests.jobs.scanning import token

LIMITS = Limits(wall_seconds=60, attempts=2)
PERSON = b"Ann <ann@fennelandrye.example> 1700000000 +0000"
FILES = 30


def scanned(repo: Repo) -> PathScan:
    cache = cache_folder(repo.path.parent / "cache")
    return scan_path(repo.path / ".git", cache=cache, workers=1, limits=LIMITS)


def reason_of(scan: PathScan) -> str:
    """Why the scan is not complete; "" where it is."""
    (part,) = scan.coverage
    assert (part.state is CoverageState.COMPLETE) == (not part.reason)
    assert bool(part.reason) == any(not skip.by_design for skip in scan.skips)
    return part.reason


def traces(scan: PathScan) -> list[Trace]:
    return [exposure.trace for exposure in scan.exposures if exposure.trace is not None]


def loose(path: Path) -> Repo:
    """Two files of the first commit in folders of their own, one of the second, all loose."""
    repo = Repo(path)
    repo.commit({f"{name}/{name}.txt": f"{name}\n{token(seed=name)}\n" for name in "ab"})
    repo.commit({"c.txt": f"c\n{token(seed='c')}\n"})
    return repo


def packed(path: Path) -> Repo:
    """All in one pack: files that do not compress, so that one spot of damage is in one of them."""
    repo, noise = Repo(path), random.Random(1)  # noqa: S311  # noise
    hostile.fast_import(
        repo,
        {
            f"f{n}.txt": f"{n} {token(seed=str(n))} {noise.randbytes(3000).hex()}\n".encode()
            for n in range(FILES)
        },
    )
    repo.git("repack", "-adq")
    return repo


def put_commit(
    repo: Repo, tree: str, *parents: str, author: bytes = PERSON, committer: bytes = PERSON
) -> str:
    """Put a commit at the head of the default branch that git itself might refuse."""
    lines = [f"tree {tree}".encode(), *(f"parent {oid}".encode() for oid in parents)]
    lines += [b"author " + author, b"committer " + committer, b"", b"message"]
    oid = hostile.store(repo, "commit", b"\n".join(lines))
    (repo.path / ".git/refs/heads/main").write_text(oid + "\n")
    return oid


def tree_of(entries: Sequence[tuple[bytes, str]], mode: bytes = b"100644") -> bytes:
    return b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name, oid in entries)


# --- damage ---------------------------------------------------------------------------------


def zeros_in_the_middle(pack: bytes) -> bytes:
    middle = len(pack) // 2
    return pack[:middle] + b"\0" * 2000 + pack[middle + 2000 :]


def cut_in_half(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def all_zeros(whole: bytes) -> bytes:
    return b"\0" * len(whole)


def other_offsets(index: bytes) -> bytes:
    return index[:-200] + b"\x7f" * 160 + index[-40:]


def other_names(index: bytes) -> bytes:
    """Behind the header and the table of first bytes stand the ids."""
    at = 8 + 1024
    return index[:at] + bytes(255 - byte for byte in index[at : at + 200]) + index[at + 200 :]


DAMAGE: dict[str, tuple[str, Callable[[bytes], bytes], int]] = {
    "a pack with zeros in the middle": (".pack", zeros_in_the_middle, FILES - 2),
    "a pack cut off": (".pack", cut_in_half, 0),
    "an empty pack": (".pack", lambda _: b"", 0),
    "an index cut off": (".idx", cut_in_half, 0),
    "an index of zeros": (".idx", all_zeros, 0),
    "an index of wrong offsets": (".idx", other_offsets, 0),
    "an index of wrong names": (".idx", other_names, FILES - 10),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_pack_costs_what_git_cannot_read_of_it(tmp_path: Path, name: str) -> None:
    ending, harm, least = DAMAGE[name]
    repo = packed(tmp_path / "r")
    file = hostile.the_pack(repo).with_suffix(ending)
    file.write_bytes(harm(file.read_bytes()))
    scan = scanned(repo)
    assert reason_of(scan)
    assert least <= len(scan.exposures) < FILES


@pytest.mark.parametrize("ending", [".pack", ".idx"])
def test_half_a_pack_is_a_gap(tmp_path: Path, ending: str) -> None:
    repo = packed(tmp_path / "r")
    hostile.the_pack(repo).with_suffix(ending).unlink()
    scan = scanned(repo)
    assert "a pack without its index" in reason_of(scan)
    assert any("cannot be walked" in skip.reason for skip in scan.skips)


@pytest.mark.parametrize("rev", ["HEAD", "HEAD~1", "HEAD~1^{tree}", "HEAD:a", "HEAD:a/a.txt"])
def test_a_missing_object_is_a_gap_though_no_list_names_it(tmp_path: Path, rev: str) -> None:
    repo = loose(tmp_path / "r")
    oid = repo.blob(rev)
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    scan = scanned(repo)
    assert "missing" in reason_of(scan) or "cannot be walked" in reason_of(scan)
    assert len(scan.exposures) == 3 - (rev == "HEAD:a/a.txt")
    assert all(trace.reachable is not Truth.NO for trace in traces(scan))
    if "missing" in reason_of(scan):
        assert oid[:12] in reason_of(scan)


@pytest.mark.parametrize("content", [b"", b"\x78\x9c" + b"\x55" * 40])
def test_a_damaged_loose_object_is_a_gap(tmp_path: Path, content: bytes) -> None:
    repo = loose(tmp_path / "r")
    oid = repo.blob("HEAD:a/a.txt")
    file = repo.path / ".git/objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    file.write_bytes(content)
    scan = scanned(repo)
    assert oid in reason_of(scan) or oid[2:] in reason_of(scan)
    assert len(scan.exposures) == 2


@pytest.mark.long  # git is started anew behind each of the first thousand
def test_more_damage_than_is_worth_a_try_leaves_what_was_read(tmp_path: Path) -> None:
    repo, noise = Repo(tmp_path / "r"), random.Random(1)  # noqa: S311  # noise
    texts = [f"{n} {token(seed=str(n))} {noise.randbytes(200).hex()}\n" for n in range(3000)]
    hostile.fast_import(repo, {f"f{n}": text.encode() for n, text in enumerate(texts)})
    pack = hostile.the_pack(repo)
    whole = bytearray(pack.read_bytes())
    for at in range(len(whole) // 3, len(whole) - 100, 90):
        whole[at : at + 3] = b"\x55\xaa\x77"
    pack.write_bytes(whole)
    scan = scanned(repo)
    assert reason_of(scan)
    assert len(scan.exposures) > 900
    told = {skip.reason for skip in scan.skips}
    assert "not tried: so many are broken" in told
    assert any(reason.startswith("git cannot read it") for reason in told)


# --- what is written beside the objects -------------------------------------------------------


def alternate_that_is_gone(git: Path) -> None:
    (git / "objects/info/alternates").write_text("/nowhere/objects\n")


def ref_to_nothing(git: Path) -> None:
    (git / "refs/heads/lost").write_text("1" * 40 + "\n")


def ref_of_junk(git: Path) -> None:
    (git / "refs/heads/junk").write_text("not a ref\n")


def refs_of_junk(git: Path) -> None:
    (git / "packed-refs").write_bytes(b"\x1b[2J\x07\xff" * 40)


def setting_that_is_none(git: Path) -> None:
    (git / "config").write_text("[core\n nothing")


def unknown_format(git: Path) -> None:
    (git / "config").write_text("[core]\nrepositoryformatversion = 99\n")


@pytest.mark.parametrize(
    "harm",
    [
        *(alternate_that_is_gone, ref_to_nothing, ref_of_junk, refs_of_junk),
        *(setting_that_is_none, unknown_format),
    ],
)
def test_what_git_complains_of_is_told(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    repo = loose(tmp_path / "r")
    harm(repo.path / ".git")
    scan = scanned(repo)
    assert reason_of(scan).isprintable()
    broken = harm in (setting_that_is_none, unknown_format)
    assert len(scan.exposures) == (0 if broken else 3)


def graft(repo: Repo) -> None:
    (repo.path / ".git/info").mkdir(exist_ok=True)
    (repo.path / ".git/info/grafts").write_text(repo.blob("HEAD") + "\n")


def replacement(repo: Repo) -> None:
    put = repo.blob("HEAD")
    alone = repo.git("commit-tree", "-m", "alone", repo.blob("HEAD^{tree}"))
    repo.git("replace", put, alone)


def wrong_graph(repo: Repo) -> None:
    repo.git("commit-graph", "write", "--reachable")
    graph = repo.path / ".git/objects/info/commit-graph"
    graph.chmod(0o600)
    graph.write_bytes(graph.read_bytes()[:1100] + b"\x55" * 300)


def ring_of_refs(repo: Repo) -> None:
    (repo.path / ".git/refs/heads/x").write_text("ref: refs/heads/y\n")
    (repo.path / ".git/refs/heads/y").write_text("ref: refs/heads/x\n")


@pytest.mark.parametrize("harm", [graft, replacement, wrong_graph, ring_of_refs])
def test_a_history_that_lies_about_itself_is_walked_as_it_is(
    tmp_path: Path, harm: Callable[[Repo], None]
) -> None:
    repo = loose(tmp_path / "r")
    first = repo.blob("HEAD~1")
    repo.commit({"a/a.txt": None})
    harm(repo)
    scan = scanned(repo)
    assert not reason_of(scan)
    (gone,) = (trace for trace in traces(scan) if trace.path == "a/a.txt")
    assert (gone.introduced[0].commit, gone.reachable, gone.at_tip) == (first, Truth.YES, Truth.NO)


def test_a_hundred_thousand_refs_are_walked(tmp_path: Path) -> None:
    repo = loose(tmp_path / "r")
    head = repo.blob("HEAD~1")
    refs = "".join(f"{head} refs/heads/b{number:06}\n" for number in range(100_000))
    heading = "# pack-refs with: peeled fully-peeled sorted \n"
    (repo.path / ".git/packed-refs").write_text(heading + refs)
    scan = scanned(repo)
    assert not reason_of(scan)
    assert all(trace.reachable is Truth.YES for trace in traces(scan))


# --- trees ------------------------------------------------------------------------------------


def test_a_tree_of_ten_thousand_million_paths_ends(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    start = repo.commit({"c.txt": f"c\n{token(seed='c')}\n"})
    bomb = [(b"f%d" % n, repo.blob("HEAD:c.txt")) for n in range(10)]
    oid = hostile.store(repo, "tree", tree_of(bomb))
    for _ in range(9):
        folders = [(b"d%d" % n, oid) for n in range(10)]
        oid = hostile.store(repo, "tree", tree_of(folders, b"40000"))
    before = put_commit(repo, oid, start)
    late = hostile.store(repo, "blob", token("gitlab_pat").encode())
    tree = tree_of([(b"a", late)]) + tree_of([(b"z", oid)], b"40000")
    after = put_commit(repo, hostile.store(repo, "tree", tree), before)
    scan = scanned(repo)
    found = {str(e.kind): e.trace for e in scan.exposures if e.trace is not None}
    assert found["npm_token"].introduced[0].commit == start
    assert found["gitlab_pat"].introduced[0].commit == after
    assert (found["gitlab_pat"].path, found["gitlab_pat"].at_tip) == ("a", Truth.YES)


@pytest.mark.parametrize("depth", [1000, 12_000])
def test_a_deep_tree_ends(tmp_path: Path, depth: int) -> None:
    repo = Repo(tmp_path / "r")
    oid = hostile.store(repo, "blob", token().encode())
    trees = []
    for level in range(depth):
        tree = tree_of([(b"d", oid)], b"40000" if level else b"100644")
        oid = hashlib.sha1(b"tree %d\0%b" % (len(tree), tree)).hexdigest()  # noqa: S324  # as git does
        trees.append(("tree", tree))
    hostile.pack_objects(repo, trees)
    commit = put_commit(repo, oid)
    scan = scanned(repo)
    assert len(scan.exposures) == 1
    if not reason_of(scan):  # else git itself has given up on it
        assert traces(scan)[0].introduced[0].commit == commit


def test_names_may_hold_any_bytes(tmp_path: Path) -> None:
    names = [b"a\nb", b"t\tx", b"\xff\xfe", b"\x1b[2J\x07", b"\x01start", b":100644 fake", b"-rf"]
    names += [b" ", b"..", b".git", b"a/../../b", b"a\\b", b'q"uote', b"\xe2\x80\xae", b"x" * 4000]
    repo = Repo(tmp_path / "r")
    entries = [
        (name, hostile.store(repo, "blob", b"%d %b" % (number, token(seed=str(number)).encode())))
        for number, name in enumerate(sorted(names))
    ]
    tree = tree_of(entries) + tree_of([(b"~sub", "2" * 40)], b"160000")
    commit = put_commit(repo, hostile.store(repo, "tree", tree))
    scan = scanned(repo)
    assert not reason_of(scan)
    told = {trace.path: trace for trace in traces(scan)}
    assert set(told) == {name.decode(errors="backslashreplace") for name in names}
    assert all(trace.at_tip is Truth.YES for trace in told.values())
    assert all(trace.introduced[0].commit == commit for trace in told.values())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("tree", b"100644 x\0short"),
        ("tree", tree_of([(b"", "1" * 40)])),
        ("commit", b""),
        ("commit", b"tree zzz\n\nno tree"),
        ("tag", b"junk"),
        ("frob", b"no such type"),
    ],
)
def test_an_object_that_is_none_is_told(tmp_path: Path, kind: str, content: bytes) -> None:
    repo = loose(tmp_path / "r")
    oid = hostile.store(repo, kind, content)
    if kind == "tree":
        put_commit(repo, oid, repo.blob("HEAD"))
    else:
        (repo.path / ".git/refs/tags/odd").write_text(oid + "\n")
    scan = scanned(repo)
    assert reason_of(scan)
    # git ends its list at a type that it does not know
    assert len(scan.exposures) == 3 or kind == "frob"


# --- people and dates -------------------------------------------------------------------------

PEOPLE: dict[str, tuple[bytes, str, datetime | None]] = {
    "the year 300 million": (b"A <a@x> 9467085600000000 +0000", "a@x", None),
    "past all numbers": (b"A <a@x> 99999999999999999999 +0000", "a@x", None),
    "before 1970": (b"A <a@x> -5 +0000", "a@x", None),
    "no such zone": (b"A <a@x> 17 -99999999", "a@x", datetime.fromtimestamp(17, UTC)),
    "brackets in brackets": (b"A <<<b>>@<x>> 5 +0000", "<<b", datetime.fromtimestamp(5, UTC)),
    "no person": (b"no one at all", "", None),
    "nobody": (b"<> 0 +0000", "", datetime.fromtimestamp(0, UTC)),
    "no text": (b"\xff <\x01\xfe@x> 5 +0000", "\x01\ufffd@x", datetime.fromtimestamp(5, UTC)),
    "no end": (b"A" * 99_999 + b" <b@x> 5 +0", "b@x", datetime.fromtimestamp(5, UTC)),
}


def test_people_and_dates_may_be_anything(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "r")
    parents: list[str] = []
    for name, (person, _, _) in PEOPLE.items():
        blob = hostile.store(repo, "blob", f"{name} {token(seed=name)}".encode())
        tree = hostile.store(repo, "tree", tree_of([(name.encode(), blob)]))
        parents = [put_commit(repo, tree, *parents, author=person, committer=person)]
    scan = scanned(repo)
    assert not reason_of(scan)
    told = {trace.path: trace.introduced[0] for trace in traces(scan)}
    assert {name: (touch.identity.handle, touch.at) for name, touch in told.items()} == {
        name: (handle, at) for name, (_, handle, at) in PEOPLE.items()
    }


# --- size -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [64 << 20, 2 << 30])
def test_a_blob_above_the_limit_is_told_and_costs_nothing(tmp_path: Path, size: int) -> None:
    repo = loose(tmp_path / "r")
    oid = hostile.store_zeros(repo, size)
    put_commit(repo, hostile.store(repo, "tree", tree_of([(b"zeros", oid)])), repo.blob("HEAD"))
    scan = scanned(repo)
    assert reason_of(scan) == f"{size >> 20} MiB, above max_object_mb"
    assert [skip.item for skip in scan.skips] == [oid]
    assert len(scan.exposures) == 3
