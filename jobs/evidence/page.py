"""The page of an evidence pack, for people: made from the pack's own records, with their hashes below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from jobs.evidence.about import About
from jobs.evidence.gather import Gathered
from jobs.page import render_page


def page(about: About, gathered: Gathered, hashes: Mapping[str, str]) -> str:
    """Return the page as self-contained HTML, escaped, without script and without outside request."""
    held = gathered.records
    by_person: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    carried = []
    known = {row["reference"] for row in held["population"]}
    for row in held["credentials"]:
        if row["reference"] in known:
            by_person[row["reference"]].append(row)
        else:
            carried.append(row)
    return render_page(
        "evidence.html.j2",
        about=about,
        gathered=gathered,
        population=held["population"],
        by_person=by_person,
        carried=carried,
        feeds=_feeds(held["feeds"]),
        exceptions=held["exceptions"],
        runs=held["runs"],
        gaps=[row for row in held["coverage"] if row["state"] != "complete"],
        hashes=hashes,
    )


def _feeds(rows: Any) -> list[dict[str, Any]]:
    """Return per feed how often it was read, and its last reading."""
    read: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        read[row["feed"]].append(row)
    return [
        {**found[-1], "readings": sum(row["read_at"] is not None for row in found)}
        for found in read.values()
    ]
