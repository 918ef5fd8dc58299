"""Which SSH key signed a commit, proved from the commit itself. git is not asked to verify: it would
run a program, and knows no keys of ours (https://git-scm.com/docs/git-config#Documentation/git-config.txt-gpgformat).
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.git_command import Git
from connectors.git_lookup import ObjectLookup
from connectors.sshsig import signer

_LARGEST = 1 << 20  # a larger commit is not read for its signature
_SHA1_DIGITS = 40
# https://git-scm.com/docs/hash-function-transition#_signed_commits
_HEADERS = (b"gpgsig", b"gpgsig-sha256")


def signers(git: Git, commits: Iterable[str]) -> dict[str, str]:
    """Return the fingerprint of the SSH key that signed each commit, of those whose signature
    holds. Never raises; a commit that cannot be read has no signer.
    """
    found = {}
    with ObjectLookup(git, _LARGEST) as lookup:
        for oid in commits:
            raw = lookup.read(oid)
            key = commit_signer(raw, oid) if isinstance(raw, bytes) else ""
            if key:
                found[oid] = key
    return found


def commit_signer(raw: bytes, oid: str) -> str:
    """Return the fingerprint of the SSH key that signed a commit object, "" where none did."""
    header = _HEADERS[len(oid) > _SHA1_DIGITS]
    payload, signatures = _apart(raw)
    given = [value for name, value in signatures if name == header]
    return signer(payload, given[0], b"git") if len(given) == 1 else ""


def _apart(raw: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return what is signed, which is all but the signatures, and those with their names."""
    head, blank, message = raw.partition(b"\n\n")
    kept: list[bytes] = []
    signatures: list[tuple[bytes, bytes]] = []
    inside = False
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")
        if name in _HEADERS:
            signatures.append((name, value))
            inside = True
        elif inside and not name and signatures:
            signatures[-1] = (signatures[-1][0], signatures[-1][1] + b"\n" + value)
        else:
            kept.append(line)
            inside = False
    return b"\n".join(kept) + blank + message, signatures
