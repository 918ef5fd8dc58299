"""What a form can say of a text that its kind's pattern matched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def _always(_: str) -> bool:
    return True


def _nothing(_: str) -> Mapping[str, str]:
    return {}


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Form:
    """`holds`: whether the text is built like one, False only where that is certain. `facts`: what
    it says of itself, offline and without giving the secret away. `spelling`: the text as its
    issuer would write it, so that the same credential has one fingerprint everywhere. `drawn`:
    the part that was drawn by chance, or a login's URL: it alone can show an example.

    None of them raises for any text.
    """

    holds: Callable[[str], bool] = _always
    facts: Callable[[str], Mapping[str, str]] = _nothing
    spelling: Callable[[str], str] = _as_it_is
    drawn: Callable[[str], str] = _as_it_is


PLAIN = Form()
