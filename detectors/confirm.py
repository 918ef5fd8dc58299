"""Whether a match is a credential of its kind: checksum, form, entropy, examples."""

from __future__ import annotations

from correlate.kind import Grade, Kind
from detectors.checksums import holds
from detectors.forms.known import form_of
from detectors.harmless import why_harmless
from detectors.placeholder import entropy, is_placeholder, password_of
from detectors.test_vectors import is_test_vector


def is_credential(kind: Kind, text: str) -> bool:
    """Whether `text`, which the kind's pattern matched, can be one of its secrets."""
    return not why_not(kind, text)


def why_not(kind: Kind, text: str) -> str:
    """Return why `text`, which the kind's pattern matched, is no secret of it; "" if it can be."""
    if kind.checksum and kind.checksum_certain:
        # chance cannot spell a checksum: no guess can overrule it
        return "" if holds(kind.checksum, text) else "its checksum does not hold"
    if is_test_vector(text):
        return "a published test value"
    form = form_of(kind)
    if not form.holds(text):
        return "not built like one"
    if kind.grade is Grade.GENERIC and (why := why_harmless(kind, text)):
        return why
    drawn = form.drawn(text)
    if is_placeholder(drawn):
        return "a placeholder or an example"
    if entropy(_random_part(kind, drawn)) < kind.entropy_min:
        return "too regular to be drawn by chance"
    return ""


def _random_part(kind: Kind, text: str) -> str:
    """A pair's secret, a login's password, else the whole: the fixed part of a token is short
    beside the drawn one.
    """
    return text.partition(":")[2] if kind.partner else password_of(text) or text
