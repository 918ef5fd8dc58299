"""From a credential, which is known by its fingerprint only, back to its secret: read its place again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from correlate.errors import OffkeyError
from correlate.model import Exposure, Finding, Skip, Truth
from correlate.policy import Credential
from correlate.ports import Detector, Source
from correlate.secret import Pepper, Secret


@dataclass(frozen=True, slots=True)
class Places:
    """Finds plaintexts again, for one thread at a time. Holds none between two calls."""

    sources: Mapping[str, Source]
    detector: Detector
    pepper: Pepper
    reading: Lock = field(default_factory=Lock)

    def secret(self, credential: Credential) -> tuple[Secret | None, str]:
        """Return the secret, or None and why it cannot be had any more. Never raises for a place."""
        why = "it stands nowhere any more"
        for exposure in _surest_first(credential.exposures):
            with self.reading:
                secret, why = self._at(exposure, credential)
            if secret is not None:
                return secret, ""
        return None, why

    def _at(self, exposure: Exposure, credential: Credential) -> tuple[Secret | None, str]:
        source = self.sources.get(exposure.locator.source)
        if source is None:
            return None, f"source {exposure.locator.source!r} is not configured any more"
        try:
            text = source.reread(exposure.locator)
        except OffkeyError as error:
            return None, f"its place could not be read again: {error.why}"
        if isinstance(text, Skip):
            return None, f"its place is gone: {text.reason}"
        for finding in self.detector.find(text):
            if isinstance(finding, Finding) and finding.kind == credential.kind.id:
                made = self.pepper.fingerprint(finding.kind, finding.secret)
                if made == credential.fingerprint:
                    return finding.secret, ""
        return None, "its place holds something else now"


def _surest_first(exposures: Sequence[Exposure]) -> list[Exposure]:
    """Places that still stand come first: a later look there is the likeliest to succeed."""

    def doubt(exposure: Exposure) -> tuple[bool, bool]:
        trace = exposure.trace
        gone = trace is not None and trace.at_tip is Truth.NO
        return gone, trace is not None and trace.reachable is Truth.NO

    return sorted(exposures, key=doubt)
