"""The fictional company's exceptions: one that holds, one past its end, one whose approver has left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.exceptions import Desk, Wish, approve, request
from sample_data.planted import Planted

POLICY, VERSION = "FR-12", "3"
APPROVERS = ("ida.marlowe@fennelandrye.example", "dana.whitfield@fennelandrye.example")
ASKER = "tomas.brandt@fennelandrye.example"


@dataclass(frozen=True, slots=True)
class Excepted:
    """An exception for the one case of a planted credential, asked for and approved `days_ago`, for so
    many `days`. `waived` and `late` (a case F7) are what a right judgement comes to at the key's instant.
    """

    label: str
    shows: str
    days_ago: int
    days: int
    approver: str
    waived: bool = False
    late: bool = False


EXCEPTED = (
    Excepted("storefront-slack-bot", "it holds", 20, 60, APPROVERS[0], waived=True),
    Excepted("kofi-github-classic", "its end is past", 90, 60, APPROVERS[0], late=True),
    Excepted("maya-anthropic", "its approver left on 2026-09-30", 80, 90, APPROVERS[1]),
)


def expected(planted: Iterable[Planted]) -> dict[str, list[dict[str, Any]]]:
    """Return what the answer key says of the exceptions: the cases that are waived, and those F7."""
    by_label = {one.label: one for one in planted}
    found: dict[str, list[dict[str, Any]]] = {"waived": [], "cases": []}
    for one in EXCEPTED:
        about = by_label[one.label]
        for case, person in about.cases:
            row = {"kind": about.kind, "person": person, "places": sorted(about.places)}
            found["waived"] += [{"case": case, **row}] * one.waived
            found["cases"] += [{"case": "F7", **row}] * one.late
    return found


def grant(desk: Desk, cases: Mapping[str, str], planted: Iterable[Planted], now: datetime) -> None:
    """Ask for every exception and approve it, each at its instant. `cases` are keys by a place."""
    by_label = {one.label: one for one in planted}
    for one in EXCEPTED:
        (place, *_) = by_label[one.label].places
        at = now - timedelta(days=one.days_ago)
        wish = Wish(one.days, POLICY, "a replacement is under way")
        made = request(desk, cases[place], ASKER, wish, at)
        approve(desk, made.id, one.approver, "until it is replaced", at)
