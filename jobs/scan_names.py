"""Names can hold secrets too: a file, an author or a branch may be called like a token.

Whatever leaves a scan passes here, so that no such name reaches the store, a ticket or a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from correlate.kind import Grade, Kind
from correlate.model import (
    Document,
    Exposure,
    Finding,
    Identity,
    KindId,
    Locator,
    Medium,
    Reader,
    Skip,
    Touch,
    Trace,
)
from correlate.ports import Detector

_NOWHERE = Locator("", "", "")
_LEAST = 8  # a shorter half of a pair is no secret and would be found everywhere
_REMEMBERED = 50_000


@dataclass(slots=True)
class Redactor:
    """Blots out, in names, what an issuer may honour. A place whose name was changed cannot be
    read again, so that its credential's liveness is not known. One instance, one thread.
    """

    detector: Detector
    kinds: frozenset[KindId]
    known: dict[str, str] = field(default_factory=dict)
    last: tuple[tuple[Reader, ...], tuple[Reader, ...]] | None = None

    def text(self, name: str) -> str:
        """Return a name without the credentials in it."""
        clean = self.known.get(name)
        if clean is None:
            clean = self._blotted(name)
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[name] = clean
        return clean

    def exposure(self, found: Exposure) -> Exposure:
        """Return an exposure whose place has a harmless name."""
        place = self._locator(found.locator)
        trace = found.trace and self.trace(found.trace)
        same = place == found.locator and trace == found.trace
        return found if same else replace(found, locator=place, trace=trace)

    def trace(self, told: Trace) -> Trace:
        """Return a trace with harmless names."""
        return replace(
            told,
            locator=self._locator(told.locator),
            path=self.text(told.path),
            link=self.text(told.link),
            introduced=tuple(map(self._touch, told.introduced)),
            readers=self._readers(told.readers),
        )

    def skip(self, left_out: Skip) -> Skip:
        """Return a skip with a harmless name."""
        item, reason = self.text(left_out.item), self.text(left_out.reason)
        return replace(left_out, item=item, reason=reason)

    def _readers(self, told: tuple[Reader, ...]) -> tuple[Reader, ...]:
        """All places of a repository have the same list, which may be long: it is read once."""
        if self.last is None or self.last[0] is not told:
            clean = tuple(
                replace(reader, identity=self._identity(reader.identity), why=self.text(reader.why))
                for reader in told
            )
            self.last = told, clean
        return self.last[1]

    def _locator(self, place: Locator) -> Locator:
        item, part = self.text(place.item), self.text(place.part)
        same = item == place.item and part == place.part
        return place if same else replace(place, item=item, part=part)

    def _touch(self, touch: Touch) -> Touch:
        return replace(
            touch,
            identity=self._identity(touch.identity),
            name=self.text(touch.name),
            hint=touch.hint and self._identity(touch.hint),
        )

    def _identity(self, who: Identity) -> Identity:
        handle = self.text(who.handle)
        return who if handle == who.handle else replace(who, handle=handle)

    def _blotted(self, name: str) -> str:
        document = Document(_NOWHERE, name.encode(errors="replace"), Medium.FILE)
        for finding in self.detector.find(document):
            if isinstance(finding, Finding) and finding.kind in self.kinds:
                for part in finding.secret.reveal().split(":"):
                    if len(part) >= _LEAST:
                        name = name.replace(part, f"[a {finding.kind}]")
        return name


def redactor(detector: Detector, kinds: Sequence[Kind]) -> Redactor:
    """Return a redactor for all kinds that an issuer answers for."""
    return Redactor(detector, frozenset(kind.id for kind in kinds if kind.grade is Grade.ISSUER))
