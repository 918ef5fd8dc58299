"""One event as it was handed in, and what a transmitter's rules make of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

_EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_EVENTS_MAX = 20
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request's body and headers (names in lower case), received `at`."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that is its transmitter's. `id` tells it from others, empty where none was given;
    `events` are the kinds of what happened. Nothing else of it is kept.
    """

    id: str
    events: tuple[str, ...]


class Rejected(Exception):
    """An event is not taken. `code` and `words` are ours, and go back to the sender."""

    def __init__(self, code: str, words: str, status: int = HTTPStatus.UNAUTHORIZED) -> None:
        super().__init__(code)
        self.code, self.words, self.status = code, words, status


class Transmitter(Protocol):
    """One configured sender. `accepted` is the status that it takes for "received"."""

    @property
    def name(self) -> str: ...
    @property
    def accepted(self) -> int: ...

    def check(self, delivery: Delivery) -> Taken:
        """Return the event if the sender's own key vouches for it. Raises Rejected."""

    def challenge(self, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """Return the answer to a GET that asks whether we are here, None where it is none."""


def kinds(found: Iterable[object]) -> tuple[str, ...]:
    """Return the kinds of events that may be shown: words as vendors use them, at most twenty;
    anything longer or of other characters is "other", lest a name gets into a log.
    """
    told = (one if isinstance(one, str) and _EVENT.fullmatch(one) else _OTHER for one in found)
    return tuple(list(dict.fromkeys(told))[:_EVENTS_MAX]) or (_OTHER,)


def payload(body: bytes) -> Mapping[str, object]:
    """Return the JSON object in a body, an empty one where there is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
