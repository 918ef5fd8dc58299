"""What the ledger's tree was at an instant, signed, and as one line that a ticket can carry.

What is signed is a checkpoint as transparency logs write it, https://c2sp.org/tlog-checkpoint, with
the instant as its extension line: whoever reads those reads ours.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

ORIGIN = "offkey"
_ED25519 = b"\x01"  # https://c2sp.org/signed-note, signature types
# hexadecimal only: no ticket system takes any of it for markup
_LINE = re.compile(
    r"offkey ledger head (\d{1,18}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) "
    r"([0-9a-f]{64}) ([0-9a-f]{8}) ([0-9a-f]{128})(?![0-9a-f])"
)


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The root (hex) of the tree over the first `size` entries, as it was `at`, signed (hex) with the key
    of this id. Whether the signature holds is for `connectors.ledger_key` to say.
    """

    size: int
    at: datetime
    root: str
    key: str = ""
    signature: str = ""

    @property
    def signed_text(self) -> str:
        """What the signature is over."""
        root = base64.b64encode(bytes.fromhex(self.root)).decode()
        return f"{ORIGIN}\n{self.size}\n{root}\n{_instant(self.at)}\n"

    @property
    def line(self) -> str:
        """The head as one line of text, from which `heads_in` makes it again."""
        return (
            f"offkey ledger head {self.size} {_instant(self.at)} {self.root} {self.key} "
            f"{self.signature}"
        )

    @property
    def note(self) -> str:
        """The head as a signed note, https://c2sp.org/signed-note."""
        mark = base64.b64encode(bytes.fromhex(self.key + self.signature)).decode()
        return f"{self.signed_text}\n\u2014 {ORIGIN} {mark}\n"


@dataclass(frozen=True, slots=True)
class HeadStamp:
    """A head with what a time-stamping authority said of its note: the token of RFC 3161, DER in base64.
    Whether it fits is for `connectors.timestamp` to say.
    """

    head: TreeHead
    token: str


@dataclass(frozen=True, slots=True)
class Said:
    """That what was stamped existed `at` this instant, and by whose word: the signer's certificate."""

    at: datetime
    by: str


def key_id(public: bytes) -> str:
    """Return the id of an Ed25519 key, as signed notes name it."""
    return hashlib.sha256(f"{ORIGIN}\n".encode() + _ED25519 + public).hexdigest()[:8]


def heads_in(text: str) -> Iterator[TreeHead]:
    """Yield every head that stands in a text as a line, signed by whomever."""
    for size, at, root, key, signature in _LINE.findall(text):
        try:
            instant = datetime.fromisoformat(at)
        except ValueError:
            continue
        yield TreeHead(int(size), instant, root, key, signature)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
