"""The Detector of all kinds: a document with all that is encoded or packed in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import asdict

from correlate.kind import Kind
from correlate.model import Batch, Document, Finding, Skip
from detectors.matching import Matcher
from detectors.prefilter import Ends
from detectors.reading import Reading

# Raised when the code finds otherwise than before for the same kinds.
VERSION = 9

# What a Kind says that changes what is found; the rest of it needs no new scan.
_DETECTING = (
    *("id", "pattern", "anchors", "grade", "checksum", "checksum_certain", "entropy_min"),
    *("partner", "partner_within", "plugin", "form", "drop_if", "secret_group"),
    *("covers", "gives_way", "screen", "pack"),
)


class Engine:
    """Finds credentials of `kinds`. `serialised` is what `serialised()` of an engine of the same
    ruleset gave, to spare compiling; another machine's is not used. With `tell_dropped`,
    look-alikes are given too, as suppressed with their reason. One instance, one thread.
    """

    def __init__(
        self, kinds: Sequence[Kind], serialised: bytes | None = None, *, tell_dropped: bool = False
    ) -> None:
        self.ruleset = ruleset_of(kinds)
        self._matcher = Matcher(kinds, serialised, tell_dropped=tell_dropped)
        self.dropped: MutableMapping[str, int] = self._matcher.dropped

    def serialised(self) -> bytes:
        """Return the compiled database, for a cache keyed by the ruleset."""
        return self._matcher.serialised()

    def screen(self, batch: Batch) -> Iterator[tuple[int, Ends]]:
        """Yield the numbers of the documents in which `find` may find something, in order, with
        what was seen in each, which spares `find` a look.
        """
        return self._matcher.screen(batch)

    def find(self, document: Document, seen: Ends | None = None) -> Iterator[Finding | Skip]:
        """Yield each credential once a part, where it first stands without an allow-list mark,
        and a Skip for each part that was not looked into.

        Parts are those of a notebook and the files of an archive, named as a path. What is
        encoded in a text is found at the text's line, with the fact "encoded". In time linear
        to the document and what may be unpacked from it (`detectors.archive`).
        """
        return Reading(self._matcher, document).pieces(seen)


def ruleset_of(kinds: Sequence[Kind]) -> str:
    """Return the digest that changes when the same text could give other findings."""
    rules = [
        [*(getattr(kind, name) for name in _DETECTING), [asdict(a) for a in kind.allowances]]
        for kind in kinds
    ]
    return hashlib.sha256(json.dumps([VERSION, rules]).encode()).hexdigest()[:16]
