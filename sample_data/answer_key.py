"""The answer key as a file: which cases and watches a right run over the company comes to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sample_data import ai
from sample_data.exceptions import expected
from sample_data.planted import Planted
from sample_data.unfound import Unfound

_LISTED = "listed:github:personal access token"


def answer_key(planted: Iterable[Planted], unfound: Iterable[Unfound]) -> str:
    """Return {"cases": [...], "watch": [...], "exceptions": {...}, "ai_projects": [...]} as JSON, all
    in a stable order.

    "exceptions" says which cases are waived, and which more there are (F7), once those of
    `sample_data.exceptions` were granted. A case names all places of its credential, whichever of them its person is tied to.
    """
    planted = tuple(planted)
    cases: list[dict[str, Any]] = [
        {"case": case, "kind": one.kind, "person": person, "places": sorted(one.places)}
        for one in planted
        for case, person in one.cases
    ]
    cases += [
        {"case": case, "kind": _LISTED, "person": person, "places": [one.place]}
        for one in unfound
        for case, person in one.cases
    ]
    watch: list[dict[str, Any]] = [
        {"kind": one.kind, "person": person, "reason": reason, "places": sorted(one.places)}
        for one in planted
        for person, reason in one.watch
    ]
    cases.sort(key=lambda row: (row["case"], row["person"] or "", row["kind"], row["places"]))
    watch.sort(key=lambda row: (row["person"], row["kind"], row["places"]))
    key = {
        "cases": cases,
        "watch": watch,
        "exceptions": expected(planted),
        "ai_projects": ai.answers(),
    }
    return json.dumps(key, indent=1) + "\n"
