"""What happened to each credential and case in the ledger's words: found, asked, judged, told, approved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jobs.evidence.entries import OF_RUNS, Shown


def happenings(shown: Shown, about: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield one record per entry that is not on a run or a feed, in order. `about` tells what each of the
    ledger's names is: a credential, a case, a person, an exception.
    """
    for number, entry in shown.read.items():
        if entry["what"] in OF_RUNS:
            continue
        yield {
            "at": entry["at"],
            "what": entry["what"],
            "about": about.get(entry["subject"], "ledger"),
            "subject": entry["subject"],
            "ledger_entries": [number],
            "ledger_says": dict(entry),
        }


def names_of(**subjects: Iterable[str]) -> dict[str, str]:
    """Return what each of the ledger's names is, given the names of each sort."""
    return {name: sort for sort, names in subjects.items() for name in names}
