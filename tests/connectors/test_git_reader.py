from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import connectors.git_reader as under_test
from connectors.git_command import Git
from connectors.git_objects import Listed, list_objects
from connectors.git_reader import Broken, ObjectReader, Stretch
from correlate.errors import SourceError
from tests.connectors.gitrepo import Repo

LARGEST = 4 << 20


def read(git: Git, items: list[Listed]) -> tuple[dict[str, bytes], list[Broken]]:
    found: dict[str, bytes] = {}
    broken: list[Broken] = []
    with ObjectReader(git, LARGEST) as reader:
        for piece in reader.read(items):
            if isinstance(piece, Broken):
                broken.append(piece)
                continue
            for item, start, end in zip(piece.items, piece.starts, piece.ends, strict=True):
                found[item.oid.decode()] = bytes(piece.data[start:end])
    return found, broken


def stored(repo: Repo, content: bytes) -> Listed:
    oid = repo.git("hash-object", "-w", "--stdin", data=content)
    return Listed(oid.encode(), b"blob", len(content))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "BATCH_BYTES", 100)
    monkeypatch.setattr(under_test, "_BATCH_OBJECTS", 7)


def test_objects_come_in_the_order_asked_for(tmp_path: Path, small_batches: None) -> None:
    repo = Repo(tmp_path)
    repo.commit({f"f{n}": f"text {n}\n" * n for n in range(60)})
    git = Git(tmp_path / ".git")
    items = list_objects(git)[0][::-1]
    found, broken = read(git, items)
    assert (list(found), broken) == ([item.oid.decode() for item in items], [])
    assert {oid: len(data) for oid, data in found.items()} == {
        item.oid.decode(): item.size for item in items
    }


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"\0" * 70_000, b"abc missing\n", b"end-0 missing\n", os.urandom(3 << 20)],
)
def test_any_content_comes_back_as_it_is(tmp_path: Path, content: bytes) -> None:
    repo = Repo(tmp_path)
    items = [stored(repo, b"before"), stored(repo, content), stored(repo, b"after")]
    found, broken = read(Git(tmp_path / ".git"), items)
    assert found[items[1].oid.decode()] == content
    assert (len(found), broken) == (3, [])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.binary(max_size=300), min_size=1, max_size=40))
def test_batches_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], small_batches: None
) -> None:
    repo = Repo(tmp_path_factory.mktemp("r"))
    items = [stored(repo, content) for content in contents]
    found, broken = read(Git(repo.path / ".git"), items)
    assert found == {
        item.oid.decode(): content for item, content in zip(items, contents, strict=True)
    }
    assert broken == []


def test_nothing_asked_for_starts_nothing(tmp_path: Path) -> None:
    assert read(Git(tmp_path / "nowhere"), []) == ({}, [])


def test_absent_objects_are_broken_each_by_itself(tmp_path: Path, small_batches: None) -> None:
    repo = Repo(tmp_path)
    there = [stored(repo, b"there %d" % n) for n in range(20)]
    absent = [Listed(digit * 40, b"blob", 5) for digit in (b"1", b"2", b"3")]
    mixed = [absent[0], *there[:9], absent[1], *there[9:], absent[2]]
    found, broken = read(Git(tmp_path / ".git"), mixed)
    assert [item.oid for item in broken] == [item.oid for item in absent]
    assert list(found) == [item.oid.decode() for item in there]


@pytest.mark.parametrize("place", [0, 3, 9])
def test_a_damaged_object_costs_itself_only(
    tmp_path: Path, small_batches: None, place: int
) -> None:
    repo = Repo(tmp_path)
    items = [stored(repo, b"object %d" % n * 3) for n in range(10)]
    oid = items[place].oid.decode()
    file = tmp_path / ".git/objects" / oid[:2] / oid[2:]
    file.chmod(0o600)
    file.write_bytes(b"\x78\x9c" + os.urandom(40))
    found, broken = read(Git(tmp_path / ".git"), items)
    assert [item.oid.decode() for item in broken] == [oid]
    assert len(found) == 9


def test_a_size_that_is_not_so_is_a_short_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    item = stored(repo, b"twelve bytes")
    with pytest.raises(SourceError, match="not what was asked for"):
        read(Git(tmp_path / ".git"), [item._replace(size=11)])


def test_no_repository_is_a_short_read(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read(Git(tmp_path / "nowhere"), [Listed(b"1" * 40, b"blob", 1)])


def test_stopping_early_leaves_no_process_and_the_reader_reads_on(
    tmp_path: Path, small_batches: None
) -> None:
    repo = Repo(tmp_path)
    items = [stored(repo, b"number %d" % n) for n in range(50)]
    with ObjectReader(Git(tmp_path / ".git"), LARGEST) as reader:
        pieces = reader.read(items)
        assert isinstance(next(pieces), Stretch)
        pieces.close()  # type: ignore[attr-defined]  # a generator
        again = [piece for piece in reader.read(items) if isinstance(piece, Stretch)]
        assert sum(len(piece.items) for piece in again) == 50


def test_one_git_serves_many_calls(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    items = [stored(repo, b"number %d" % n) for n in range(6)]
    with ObjectReader(Git(tmp_path / ".git"), LARGEST) as reader:
        list(reader.read(items[:3]))
        first = reader._open
        list(reader.read(items[3:]))
        assert reader._open is first is not None


def test_a_large_object_is_read_and_its_memory_given_back(tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    items = [stored(repo, os.urandom(LARGEST)), stored(repo, b"small")]
    found, _ = read(Git(tmp_path / ".git"), items)
    assert [len(data) for data in found.values()] == [LARGEST, 5]


def test_beyond_so_many_broken_objects_no_more_are_tried_and_each_is_told(
    tmp_path: Path, small_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "_MOST_BROKEN", 3)
    repo = Repo(tmp_path)
    there = [stored(repo, b"there %d" % n) for n in range(20)]
    absent = [Listed(b"%040d" % n, b"blob", 5) for n in range(4)]
    mixed = [*there[:9], *absent, *there[9:]]
    found, broken = read(Git(tmp_path / ".git"), mixed)
    assert list(found)[:9] == [item.oid.decode() for item in there[:9]]
    assert len(found) + len(broken) == len(mixed)
    assert {item.reason for item in broken[4:]} == {"not tried: so many are broken"}
