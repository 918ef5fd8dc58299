"""The auditor's verifier: an untouched pack holds, and whatever is changed is named to the entry."""

from __future__ import annotations

import ast
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ledger_key import LedgerKey
from correlate.merkle import Growing, Node, leaf_hash, prove_consistency, prove_inclusion, root_at
from correlate.tree_head import heads_in
from jobs.evidence import verifier
from jobs.evidence.verifier import CHANGED, HOLDS, NO_KEY, NO_PACK, Fault, main, verify

Pack = tuple[Path, str]


def test_an_untouched_pack_holds(held: Pack, capsys: pytest.CaptureFixture[str]) -> None:
    folder, key = held
    assert verify(folder, key) == []
    assert main([str(folder), "--key", key]) == HOLDS
    said = capsys.readouterr().out
    assert said.startswith("holds: ")
    assert "0 of them" not in said


def test_without_a_key_it_is_not_shown_who_made_it(
    held: Pack, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(held[0])]) == NO_KEY
    assert f"signed with the key {held[1]}" in capsys.readouterr().out


def test_any_one_byte_that_changes_is_named_with_its_file_and_entry(pack: Pack) -> None:
    folder, key = pack
    files = sorted(path for path in folder.iterdir() if path.stat().st_size)
    for number in range(100):
        chosen = random.Random(f"byte {number}")  # noqa: S311  # the same each time
        path = chosen.choice(files)
        whole = path.read_bytes()
        at = chosen.randrange(len(whole))
        changed = bytes([whole[at] ^ chosen.randrange(1, 256)])
        path.write_bytes(whole[:at] + changed + whole[at + 1 :])
        faults = verify(folder, key)
        named = [(path.name, whole[:at].count(b"\n") + 1)]
        assert [(fault.file, fault.entry) for fault in faults] == named
        path.write_bytes(whole)
    assert verify(folder, key) == []


@pytest.mark.parametrize("name", [verifier.SIGNATURE, verifier.DIGESTS, verifier.MANIFEST])
def test_each_byte_of_what_holds_the_rest_counts(pack: Pack, name: str) -> None:
    folder, key = pack
    path = folder / name
    whole = path.read_bytes()
    chosen = random.Random(name)  # noqa: S311  # the same each time
    for at in sorted(chosen.sample(range(len(whole)), min(60, len(whole)))):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        (fault,) = verify(folder, key)
        assert (fault.file, fault.entry) == (name, whole[:at].count(b"\n") + 1)
    path.write_bytes(whole)
    assert verify(folder, key) == []


def _dropped(folder: Path) -> None:
    (folder / "credentials.jsonl").unlink()


def _added(folder: Path) -> None:
    (folder / "credentials-2.jsonl").write_text("{}\n")


def _cut_off(folder: Path) -> None:
    path = folder / "entries.jsonl"
    path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:2]) + b"\n")


def _swapped(folder: Path) -> None:
    path = folder / "happenings.jsonl"
    first, second, *rest = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([second, first, *rest]))


def _undigested(folder: Path) -> None:
    (folder / verifier.DIGESTS).unlink()


def _emptied(folder: Path) -> None:
    (folder / "population.jsonl").write_bytes(b"")


def _twice(folder: Path) -> None:
    for name in (verifier.SIGNATURE, "population.csv"):
        path = folder / name
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (_dropped, Fault("credentials.jsonl", 0, "is missing")),
        (_added, Fault("credentials-2.jsonl", 0, "is no part of the pack")),
        (_cut_off, Fault("entries.jsonl", 3, "is not as it was signed")),
        (_swapped, Fault("happenings.jsonl", 1, "is not as it was signed")),
        (_emptied, Fault("population.jsonl", 1, "is not as it was signed")),
        (_twice, Fault("population.csv", 1, "is not as it was signed")),
    ],
)
def test_what_is_dropped_added_cut_off_or_moved_is_named(
    pack: Pack, harm: Callable[[Path], None], named: Fault
) -> None:
    folder, key = pack
    harm(folder)
    assert named.file in {fault.file for fault in verify(folder, key)}
    if harm is not _twice:
        assert verify(folder, key) == [named]


def test_digests_that_are_gone_are_missed(pack: Pack) -> None:
    _undigested(pack[0])
    assert {fault.file for fault in verify(*pack)} == {verifier.DIGESTS}


# --- what is signed anew, by whoever has a key ------------------------------------------


def sealed_again(folder: Path, key: LedgerKey) -> None:
    """Make the digests and the signature anew over what is there now."""
    lines: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name not in (verifier.SIGNATURE, verifier.DIGESTS):
            lines += verifier.digest_lines(path.name, path.read_bytes())
    digests = ("\n".join(lines) + "\n").encode()
    (folder / verifier.DIGESTS).write_bytes(digests)
    text = verifier.sealed(digests, key.public)
    (folder / verifier.SIGNATURE).write_text(f"{text}signature {key.sign(text)}\n")


def edited(
    folder: Path, name: str, number: int, change: Callable[[dict[str, object]], None]
) -> None:
    path = folder / name
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    change(rows[number])
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def test_a_pack_that_another_key_signed_is_no_pack_of_ours(pack: Pack, tmp_path: Path) -> None:
    folder, key = pack
    other = LedgerKey(tmp_path / "other.key")
    sealed_again(folder, other)
    assert verify(folder, key)[0].file == verifier.SIGNATURE
    assert [fault.why for fault in verify(folder)] == ["does not name the key that signed the pack"]


def _entry_told_otherwise(row: dict[str, object]) -> None:
    row["entry"] = str(row["entry"]).replace('"what":"', '"what":"x')


def _number(row: dict[str, object]) -> None:
    row["number"] = 1_000_000


def _says_otherwise(row: dict[str, object]) -> None:
    row["ledger_says"] = {"what": "nothing"}


def _cites_another(row: dict[str, object]) -> None:
    row["ledger_entries"] = [999_999]


def _another_head(row: dict[str, object]) -> None:
    row["consistency_path"] = []


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("entries.jsonl", _entry_told_otherwise, "is not under the head"),
        ("entries.jsonl", _number, "ledger entry 1000000 is not under the head"),
        ("happenings.jsonl", _says_otherwise, "is not what its ledger entry says"),
        ("feeds.jsonl", _cites_another, "ledger entry 999999 is not in the pack"),
        ("credentials.jsonl", _cites_another, "ledger entry 999999 is not in the pack"),
        ("heads.jsonl", _another_head, "entries was changed since"),
    ],
)
def test_who_has_the_key_still_cannot_say_what_the_ledger_does_not(
    held: Pack, tmp_path: Path, name: str, change: Callable[[dict[str, object]], None], why: str
) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    for path in held[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    edited(folder, name, 0, change)
    sealed_again(folder, LedgerKey(held[0].parent / "ledger.key"))
    faults = verify(folder, held[1])
    assert any(fault.file == name and fault.entry == 1 and why in fault.why for fault in faults)


def test_records_that_are_fewer_than_told_are_missed(held: Pack, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    for path in held[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "population.jsonl").write_bytes(b"")
    sealed_again(folder, LedgerKey(held[0].parent / "ledger.key"))
    assert Fault("population.jsonl", 0, "has 0 records, 1 were told") in verify(folder, held[1])


@pytest.mark.parametrize("text", ["[]", "{}", '{"keys": 3}', "nothing", '{"keys":["x"]}'])
def test_a_manifest_of_another_form_is_told_and_not_a_crash(
    held: Pack, tmp_path: Path, text: str
) -> None:
    folder = tmp_path / "pack"
    folder.mkdir()
    for path in held[0].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / verifier.MANIFEST).write_text(text)
    sealed_again(folder, LedgerKey(held[0].parent / "ledger.key"))
    (fault,) = verify(folder, held[1])
    assert fault.file == verifier.MANIFEST


# --- heads that somebody else kept --------------------------------------------------------


def test_a_head_that_a_ticket_kept_has_to_be_the_same(held: Pack, tmp_path: Path) -> None:
    folder, key = held
    told = (folder / "heads.jsonl").read_text()
    seen = list(heads_in(told))
    assert len(seen) >= 3
    kept = tmp_path / "ticket.txt"
    kept.write_text(f"A ticket of ours.\n{seen[0].line}\n")
    assert main([str(folder), "--key", key, "--head", str(kept)]) == HOLDS
    other = "ab" * 32
    kept.write_text(seen[0].line.replace(seen[0].root, other))
    assert main([str(folder), "--key", key, "--head", str(kept)]) == CHANGED


def test_what_is_no_pack_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == NO_PACK
    assert main([str(tmp_path / "nowhere")]) == NO_PACK
    assert "signature.txt" in capsys.readouterr().err


def test_a_name_that_moves_the_cursor_is_told_without(pack: Pack) -> None:
    (pack[0] / "a\x1b[2Jb").write_text("x")
    (fault,) = verify(*pack)
    assert str(fault) == "a?[2Jb: is no part of the pack"


# --- one file, alone ------------------------------------------------------------------------


def test_it_needs_nothing_but_python_and_cryptography() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
    named = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert named - sys.stdlib_module_names == {"cryptography"}


def test_it_runs_alone_away_from_everything_of_ours(held: Pack, tmp_path: Path) -> None:
    alone = tmp_path / "check.py"
    alone.write_bytes(Path(verifier.__file__).read_bytes())
    command = [sys.executable, "-I", str(alone), str(held[0]), "--key", held[1]]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (made.returncode, made.stderr) == (HOLDS, "")


# --- its proofs are those of the ledger ---------------------------------------------------------


def grown(size: int) -> tuple[dict[Node, bytes], list[bytes]]:
    growing, nodes, leaves = Growing(), dict[Node, bytes](), []
    for number in range(size):
        leaf = leaf_hash(b"%d" % number)
        leaves.append(leaf)
        nodes.update(growing.add(leaf))
    return nodes, leaves


@given(st.integers(1, 70), st.data())
def test_it_takes_every_proof_of_the_ledger_and_none_that_was_changed(
    size: int, data: st.DataObject
) -> None:
    nodes, leaves = grown(size)

    def hashes(wanted: object) -> dict[Node, bytes]:
        return {node: nodes[node] for node in wanted}  # type: ignore[attr-defined]

    place = data.draw(st.integers(0, size - 1))
    root, path = root_at(size, hashes), prove_inclusion(place, size, hashes)
    assert verifier._root(leaves[place], place, size, path) == root
    if path:
        wrong = data.draw(st.integers(0, len(path) - 1))
        path[wrong] = bytes(32)
        assert verifier._root(leaves[place], place, size, path) != root
    old = data.draw(st.integers(1, size))
    steps = prove_consistency(old, size, hashes)
    before = verifier._Head(old, "", root_at(old, hashes), "", "")
    after = verifier._Head(size, "", root, "", "")
    assert verifier._extends(before, after, steps)
    assert not verifier._extends(before, after, [*steps, bytes(32)])
    assert not verifier._extends(verifier._Head(old, "", bytes(32), "", ""), after, steps)
