"""The signature of a real commit of git's holds; a commit that was built by hand to borrow one has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git_command import Git
from connectors.git_signers import commit_signer, signers
from tests.connectors.gitrepo import Repo, key_fingerprint, new_key, signed_commit


class Signed:
    """One signed commit, and what it takes to build others out of it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.repo = Repo(folder / "r", *options)
        self.git = Git(self.repo.path / ".git")
        self.key = new_key(folder / "key", "ed25519")
        self.oid = signed_commit(self.repo, {"a": "1"}, self.key)
        self.raw = self.git.run("cat-file", "commit", self.oid)
        head, _, self.rest = self.raw.partition(b"gpgsig")
        self.signature = (b"gpgsig" + self.rest).partition(b"-----END SSH SIGNATURE-----\n")
        self.plain = head + self.signature[2]

    def store(self, raw: bytes) -> str:
        words = ("hash-object", "-w", "-t", "commit", "--literally", "--stdin")
        return self.repo.git(*words, data=raw)


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return Signed(tmp_path_factory.mktemp("signed"))


@pytest.mark.parametrize("options", [(), ("--object-format=sha256",)], ids=["sha1", "sha256"])
def test_a_signed_commit_names_its_key(tmp_path: Path, options: tuple[str, ...]) -> None:
    signed = Signed(tmp_path, *options)
    unsigned = signed.repo.commit({"b": "2"})
    absent = "0" * len(unsigned)
    found = signers(signed.git, [unsigned, absent, signed.oid])
    assert found == {signed.oid: key_fingerprint(signed.key)}


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it.raw.replace(b"change", b"chance"),
        lambda it: it.raw.replace(b"author ", b"author X", 1),
        lambda it: it.raw.replace(b"gpgsig ", b"gpgsig-sha256 "),
        lambda it: it.raw.replace(b"gpgsig ", b"sigpgp "),
        lambda it: it.raw.replace(b"gpgsig ", b"gpgsig x\ngpgsig "),
        lambda it: it.raw.replace(b"\n -----END SSH SIGNATURE-----", b""),
        lambda it: it.raw + b"\nmore",
        lambda it: it.raw[: len(it.raw) // 2],
        lambda it: it.plain,
        lambda it: it.plain + b"\n" + it.signature[0] + it.signature[1],
    ],
    ids=range(10),
)
def test_a_borrowed_signature_is_none(signed: Signed, change: object) -> None:
    assert callable(change)
    forged = change(signed)
    assert forged != signed.raw
    assert commit_signer(signed.raw, signed.oid)
    oid = signed.store(forged)
    assert signers(signed.git, [oid, signed.oid]).keys() == {signed.oid}


def test_another_algorithms_signature_beside_it_is_not_part_of_what_is_signed(
    signed: Signed,
) -> None:
    both = signed.raw.replace(b"gpgsig ", b"gpgsig-sha256 x\n y\ngpgsig ")
    assert commit_signer(both, signed.oid) == key_fingerprint(signed.key)


def test_a_huge_commit_is_not_read_for_its_signature(signed: Signed) -> None:
    oid = signed.store(signed.raw + b"x" * (1 << 20))
    assert signers(signed.git, [oid, signed.oid]).keys() == {signed.oid}


def test_a_repository_that_is_not_there_has_no_signers(tmp_path: Path) -> None:
    assert signers(Git(tmp_path / "nowhere"), ["0" * 40]) == {}
