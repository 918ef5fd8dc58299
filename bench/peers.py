"""Other scanners, each run so that it does what it can of the same job, offline.

They live in an environment of their own (`make peers`); one that is not installed is left out and
said so. Versions are pinned in the Makefile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(os.environ.get("OFFKEY_PEERS", ".venv-peers")) / "bin"


@dataclass(frozen=True, slots=True)
class Peer:
    """A scanner: its command for a repository, and how many findings its output holds.

    `whole` says whether it reads the full history; others read files only.
    """

    name: str
    words: Callable[[Path], Sequence[str]]
    found: Callable[[str], int]
    whole: bool = True

    @property
    def here(self) -> bool:
        """Whether it is installed."""
        return Path(self.words(Path())[0]).exists()


def _kingfisher(*flags: str) -> Callable[[Path], Sequence[str]]:
    def words(repository: Path) -> Sequence[str]:
        return [str(PEERS / "kingfisher"), "scan", str(repository), "--git-history", "full",
                "--no-validate", "--no-update-check", "-r", "-f", "json", *flags]  # fmt: skip

    return words


def _kingfisher_found(output: str) -> int:
    """Its JSON holds an object or list for the findings, then perhaps more; lines are counted."""
    return output.count('"fingerprint"')


def _credsweeper(files: Path) -> Sequence[str]:
    return [str(PEERS / "credsweeper"), "--path", str(files), "--jobs", "2", "--log", "silence"]


def _detect_secrets(files: Path) -> Sequence[str]:
    return [str(PEERS / "detect-secrets"), "scan", "--all-files", "--no-verify", str(files)]


def _detect_secrets_found(output: str) -> int:
    try:
        results = json.loads(output)["results"]
    except (ValueError, KeyError):
        return 0
    return sum(map(len, results.values()))


HISTORY_PEERS = (
    Peer("kingfisher", _kingfisher(), _kingfisher_found),
    Peer("kingfisher --turbo", _kingfisher("--turbo"), _kingfisher_found),
)
FILE_PEERS = (
    Peer("detect-secrets", _detect_secrets, _detect_secrets_found, whole=False),
    Peer("credsweeper", _credsweeper, lambda output: output.count("rule:"), whole=False),
)
