"""Checks an evidence pack of offkey, alone: needs Python 3.11 and `cryptography`, and nothing of offkey.

    python verifier.py PACK --key HEX [--head FILE]

HEX is the public key, handed over by another way than the pack. Says what disagrees by file and entry
(line), and exits with 0: all holds; 1: something was changed; 2: not a pack, or wrong use; 3: all holds
together, but no key was given, so that anybody may have made it.

- `signature.txt` signs the hash of `digests.txt` (Ed25519, RFC 8032), which has the SHA-256 of each line
  of every other file: what was changed is named to the line.
- `entries.jsonl` has entries of the ledger, each with the proof that it is under the signed tree head in
  `manifest.json` (RFC 9162, 2.1.3); `heads.jsonl` earlier heads, each with the proof that the ledger only
  grew since (2.1.4). Records in other files name the entries that bear them out.
- `--head` gives a text with heads that somebody else kept (a ticket's): each of a size that the pack knows
  must be the same.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORM = "offkey evidence pack 1"
SIGNATURE, DIGESTS, MANIFEST = "signature.txt", "digests.txt", "manifest.json"
ENTRIES, HEADS = "entries.jsonl", "heads.jsonl"
LINES = 4  # of the signature
HOLDS, CHANGED, NO_PACK, NO_KEY = 0, 1, 2, 3
_HEAD = re.compile(
    r"offkey ledger head (\d{1,18}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) "
    r"([0-9a-f]{64}) ([0-9a-f]{8}) ([0-9a-f]{128})(?![0-9a-f])"
)
_DIGEST = re.compile(r"([0-9a-f]{64}) ([^/\\\n]+):(\d+)")


@dataclass(frozen=True)
class Fault:
    """What disagrees: in which file, at which entry (line from 1; 0: the file as a whole), and how."""

    file: str
    entry: int
    why: str

    def __str__(self) -> str:
        at = f", entry {self.entry}" if self.entry else ""
        text = f"{self.file}{at}: {self.why}"
        return "".join(mark if mark.isprintable() else "?" for mark in text)


class NoPack(Exception):
    """The folder is no evidence pack."""


def verify(folder: Path, key: str | None = None, kept: str = "") -> list[Fault]:
    """Return all that disagrees in a pack. `key` is the public key (hex) that has to have signed it, None
    for the one that the pack names; `kept` a text with heads that somebody else kept. Raises NoPack for a
    folder without signature. Never writes, never asks anybody.
    """
    files = _read(folder)
    if SIGNATURE not in files:
        raise NoPack(f"{folder} has no {SIGNATURE}")
    faults = list(_signature(files, key))
    faults += _lines(files, told=not faults)
    if not faults:  # of what is not as it was signed nothing more is asked
        try:
            faults.extend(_meaning(files, kept))
        except (KeyError, IndexError, ValueError, TypeError, AttributeError, RecursionError):
            faults.append(Fault(MANIFEST, 0, "the files have not the form of a pack"))
    return faults


def _read(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise NoPack(f"{folder} is no folder")
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() or path.is_symlink()
    }


# --- the files as they were signed ----------------------------------------------------


def sealed(digests: bytes, key: str) -> str:
    """Return the text that is signed."""
    return f"{FORM}\nkey {key}\ndigests {hashlib.sha256(digests).hexdigest()}\n"


def digest_lines(name: str, data: bytes) -> list[str]:
    """Return the lines of `digests.txt` that speak of a file."""
    return [
        f"{hashlib.sha256(line).hexdigest()} {name}:{number}"
        for number, line in enumerate(data.split(b"\n"), 1)
    ]


def public_key_of(signature: bytes) -> str:
    """Return the key (hex) that a signature names; whose it is nobody can tell from it."""
    found = re.search(rb"^key ([0-9a-f]{64})$", signature, re.MULTILINE)
    return found[1].decode() if found else ""


def _signature(files: Mapping[str, bytes], key: str | None) -> Iterator[Fault]:
    """Yield what is wrong with the signature itself."""
    told = files[SIGNATURE].split(b"\n")
    named = key or public_key_of(files[SIGNATURE])
    signed, mark = b"\n".join(told[:3]) + b"\n", told[3] if len(told) > LINES - 1 else b""
    if len(told) == LINES + 1 and not told[LINES] and _signed(named, signed, mark):
        return
    wanted = sealed(files.get(DIGESTS, b""), named).encode().split(b"\n")
    for number, line in enumerate(wanted[:3], 1):
        if told[number - 1 : number] != [line]:
            yield Fault(SIGNATURE, number, f"does not read {line.decode(errors='replace')[:80]!r}")
            return
    at = LINES if len(told) <= LINES + 1 and not any(told[LINES:]) else LINES + 1
    yield Fault(SIGNATURE, at, "the signature is not one that the key made")


def _signed(key: str, text: bytes, mark: bytes) -> bool:
    if not mark.startswith(b"signature ") or not text.startswith(f"{FORM}\nkey {key}\n".encode()):
        return False
    return _genuine(key, mark.removeprefix(b"signature ").decode(errors="replace"), text)


def _genuine(key: str, mark: str, text: bytes) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        if not re.fullmatch("[0-9a-f]{128}", mark):
            return False
        public.verify(bytes.fromhex(mark), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _lines(files: Mapping[str, bytes], *, told: bool) -> Iterator[Fault]:
    """Yield each line that is not as it was signed. `told`: the signature itself is as it was."""
    signed = re.search(rb"^digests ([0-9a-f]{64})$", files[SIGNATURE], re.MULTILINE)
    listed = files.get(DIGESTS, b"")
    actual = [
        line
        for name, data in files.items()
        if name not in (SIGNATURE, DIGESTS)
        for line in digest_lines(name, data)
    ]
    if not told or signed is None or hashlib.sha256(listed).hexdigest() == signed[1].decode():
        yield from _unlike(listed.decode(errors="replace").splitlines(), actual)
        return
    made = ("\n".join(actual) + "\n").encode()
    if hashlib.sha256(made).hexdigest() == signed[1].decode():
        # the other files are as they were signed: it is the list that was changed
        for number, (is_now, was) in enumerate(_pairs(listed.split(b"\n"), made.split(b"\n")), 1):
            if is_now != was:
                yield Fault(DIGESTS, number, "is not as it was signed")
                return
        return
    yield Fault(DIGESTS, 0, "is not as it was signed, and other files neither")
    yield from _unlike(listed.decode(errors="replace").splitlines(), actual)


def _pairs(first: Sequence[bytes], second: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for number in range(max(len(first), len(second))):
        yield (
            first[number] if number < len(first) else b"\n",
            second[number] if number < len(second) else b"\n",
        )


def _unlike(listed: Sequence[str], actual: Sequence[str]) -> Iterator[Fault]:
    """Yield per file the first line that is not as it was signed."""
    was, now = _by_place(listed), _by_place(actual)
    for name in sorted(was.keys() | now.keys()):
        old, new = was.get(name), now.get(name)
        if new is None:
            yield Fault(name, 0, "is missing")
        elif old is None:
            yield Fault(name, 0, "is no part of the pack")
        elif old != new:
            numbers = range(1, max(*old, *new) + 1)
            first = next(number for number in numbers if old.get(number) != new.get(number))
            yield Fault(name, first, "is not as it was signed")


def _by_place(lines: Sequence[str]) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    for line in lines:
        parts = _DIGEST.fullmatch(line)
        if parts:
            found.setdefault(parts[2], {})[int(parts[3])] = parts[1]
    return found


# --- what the files say ---------------------------------------------------------------


@dataclass(frozen=True)
class _Head:
    size: int
    at: str
    root: bytes
    key: str
    mark: str

    @property
    def text(self) -> bytes:
        root = base64.b64encode(self.root).decode()
        return f"offkey\n{self.size}\n{root}\n{self.at}\n".encode()


def _heads(text: str) -> list[_Head]:
    return [
        _Head(int(size), at, bytes.fromhex(root), key, mark)
        for size, at, root, key, mark in _HEAD.findall(text)
    ]


def _meaning(files: Mapping[str, bytes], kept: str) -> Iterator[Fault]:
    """Yield where what the files say does not fit together."""
    manifest = json.loads(files[MANIFEST])
    keys = {_key_id(one): one for one in manifest["keys"]}
    (head,) = _heads(manifest["tree_head"])
    if public_key_of(files[SIGNATURE]) not in keys.values():
        yield Fault(MANIFEST, 0, "does not name the key that signed the pack")
    if not _genuine(keys.get(head.key, ""), head.mark, head.text):
        yield Fault(MANIFEST, 0, "the tree head is not signed with any of its keys")
        return
    for name, number in manifest["records"].items():
        found = sum(1 for _ in _records(files.get(name, b"")))
        if found != number:
            yield Fault(name, 0, f"has {found} records, {number} were told")
    entries: dict[int, Any] = {}
    yield from _entries(files.get(ENTRIES, b""), head, entries)
    yield from _cited(files, entries)
    yield from _grown(files.get(HEADS, b""), head, keys, kept)


def _key_id(public: str) -> str:
    return hashlib.sha256(b"offkey\n\x01" + bytes.fromhex(public)).hexdigest()[:8]


def _records(data: bytes) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if line:
            yield number, json.loads(line)


def _entries(data: bytes, head: _Head, found: dict[int, Any]) -> Iterator[Fault]:
    for number, one in _records(data):
        leaf = hashlib.sha256(b"\x00" + one["entry"].encode()).digest()
        path = [bytes.fromhex(step) for step in one["inclusion_path"]]
        if _root(leaf, one["number"] - 1, head.size, path) != head.root:
            yield Fault(ENTRIES, number, f"ledger entry {one['number']} is not under the head")
        found[one["number"]] = json.loads(one["entry"])


def _cited(files: Mapping[str, bytes], entries: Mapping[int, Any]) -> Iterator[Fault]:
    """Yield each record whose ledger entries are not there, or say something else."""
    for name, data in files.items():
        if not name.endswith(".jsonl") or name in (ENTRIES, HEADS):
            continue
        for number, one in _records(data):
            missing = [entry for entry in one.get("ledger_entries", ()) if entry not in entries]
            if missing:
                yield Fault(name, number, f"ledger entry {missing[0]} is not in the pack")
            said = one.get("ledger_says")
            if said is not None and said != entries.get(one["ledger_entries"][0]):
                yield Fault(name, number, "is not what its ledger entry says")


def _grown(data: bytes, head: _Head, keys: Mapping[str, str], kept: str) -> Iterator[Fault]:
    known = {head.size: head.root}
    for number, one in _records(data):
        (old,) = _heads(one["head"])
        path = [bytes.fromhex(step) for step in one["consistency_path"]]
        if not _genuine(keys.get(old.key, ""), old.mark, old.text):
            yield Fault(HEADS, number, "the head is not signed with any of the keys")
        if not _extends(old, head, path):
            yield Fault(HEADS, number, f"the ledger of {old.size} entries was changed since")
        known[old.size] = old.root
    for seen in _heads(kept):
        if known.get(seen.size, seen.root) != seen.root:
            yield Fault(HEADS, 0, f"a head that was kept, of {seen.size} entries, is another one")


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _root(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that the path leads to from the leaf (RFC 9162, 2.1.3.2); empty: to none."""
    number, last, made = place, size - 1, leaf
    if not 0 <= place < size:
        return b""
    for one in path:
        if not last:
            return b""
        if number & 1 or number == last:
            made = _node(one, made)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            made = _node(made, one)
        number, last = number >> 1, last >> 1
    return b"" if last else made


def _extends(old: _Head, new: _Head, path: Sequence[bytes]) -> bool:
    """Return whether the path shows that the new tree only adds to the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old.size <= new.size:
        return False
    if old.size == new.size:
        return not path and old.root == new.root
    steps = list(path) if old.size & (old.size - 1) else [old.root, *path]
    if not steps:
        return False
    number, last = old.size - 1, new.size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    before = after = steps[0]
    for one in steps[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            before, after = _node(one, before), _node(one, after)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            after = _node(after, one)
        number, last = number >> 1, last >> 1
    return last == 0 and before == old.root and after == new.root


def told(folder: Path, key: str | None, faults: Sequence[Fault]) -> Iterator[str]:
    """Yield what to say of a pack that was checked."""
    if faults:
        yield f"CHANGED: {folder} is not as it was signed"
        yield from map(str, faults)
        return
    records = json.loads((folder / MANIFEST).read_bytes())["records"]
    yield f"holds: {sum(records.values())} records, {records.get(ENTRIES, 0)} of them ledger entries"
    if key is None:
        named = public_key_of((folder / SIGNATURE).read_bytes())
        yield f"not shown: who made it. It is signed with the key {named},"
        yield "which anybody may have made: compare it, or give the key you were handed with --key"


def outcome(key: str | None, faults: Sequence[Fault]) -> int:
    """Return the exit code."""
    if faults:
        return CHANGED
    return HOLDS if key else NO_KEY


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the pack that the arguments name, and say what came of it."""
    parser = argparse.ArgumentParser(description="Check an evidence pack of offkey.")
    parser.add_argument("pack", type=Path, help="the folder with signature.txt")
    parser.add_argument("--key", help="the public key (64 hexadecimal digits)")
    parser.add_argument("--head", type=Path, help="a text with heads that somebody else kept")
    given = parser.parse_args(arguments)
    try:
        kept = given.head.read_text(encoding="utf-8", errors="replace") if given.head else ""
        faults = verify(given.pack, given.key, kept)
    except (NoPack, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return NO_PACK
    for line in told(given.pack, given.key, faults):
        print(line)  # noqa: T201
    return outcome(given.key, faults)


if __name__ == "__main__":
    sys.exit(main())
