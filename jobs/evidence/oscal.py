"""A pack as OSCAL assessment results, for governance tools.

https://pages.nist.gov/OSCAL-Reference/models/v1.1.3/assessment-results/json-reference/. Only what speaks
to NIST SP 800-53 has a place there: each control that a case speaks to is a finding, each credential an
observation. Nothing is told as satisfied of which something is live or not known.
"""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from jobs.evidence.about import About
from jobs.evidence.gather import Gathered

OSCAL = "1.1.3"
FRAMEWORK = "nist-800-53"
_SPACE = uuid.UUID("b1f0a1c6-3d0e-5a53-9f5e-0d5b2f5f0c11")  # ours, drawn once
_ENDED = ("closed", "void")


def assessment_results(about: About, gathered: Gathered) -> str:
    """Return the document as JSON. The same pack makes the same ids."""
    observations = [_observation(about, row) for row in gathered.records["credentials"]]
    by_control = _by_control(gathered.records["credentials"])
    plan = _id(about, "plan")
    result: dict[str, Any] = {
        "uuid": _id(about, "result"),
        "title": f"Credentials of leavers: {about.scope}",
        "description": gathered.conclusion,
        "start": about.period.start.isoformat(),
        "end": min(about.period.end, about.made_at).isoformat(),
        "reviewed-controls": {"control-selections": [_selection(by_control)]},
    }
    if observations:
        result["observations"] = observations
    if by_control:
        result["findings"] = [
            _finding(about, control, rows) for control, rows in sorted(by_control.items())
        ]
    document = {
        "uuid": _id(about, "document"),
        "metadata": {
            "title": f"offkey evidence, {about.organisation}",
            "last-modified": about.made_at.isoformat(),
            "version": about.period.name,
            "oscal-version": OSCAL,
        },
        "import-ap": {"href": f"#{plan}"},
        "results": [result],
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "Assessment plan",
                    "description": "Every credential that offkey knows is held against everybody who "
                    "left in the period, as configured; see runs.jsonl and coverage.jsonl.",
                }
            ]
        },
    }
    return json.dumps({"assessment-results": document}, indent=1, ensure_ascii=False) + "\n"


def _by_control(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        ids = {
            control["id"]
            for case in row["cases"]
            for control in case["controls"]
            if control["framework"] == FRAMEWORK
        }
        for one in ids:
            found[control_id(one)].append(row)
    return found


def control_id(name: str) -> str:
    """Return a control as OSCAL's catalogue of SP 800-53 names it: `AC-2(3)` is `ac-2.3`."""
    return name.lower().replace("(", ".").replace(")", "")


def _selection(by_control: Iterable[str]) -> dict[str, Any]:
    chosen = sorted(by_control)
    if not chosen:
        return {"description": "No case speaks to a control in this period."}
    return {"include-controls": [{"control-id": one} for one in chosen]}


def _observation(about: About, row: Mapping[str, Any]) -> dict[str, Any]:
    answer = row["last_definite_answer"] or row["last_answer"]
    return {
        "uuid": _id(about, "observation", _key(row)),
        "title": f"{row['name']} {row['credential']}",
        "description": f"{row['state']} ({row['assurance']})."
        + (f" {row['residual']}." if row["residual"] else ""),
        "props": [
            {"name": "assurance", "ns": "urn:offkey:oscal", "value": row["assurance"]},
            {"name": "state", "ns": "urn:offkey:oscal", "value": row["state"]},
        ],
        "methods": ["TEST"] if row["assurance"] == "observed" else ["EXAMINE"],
        "types": ["finding"],
        "collected": answer["at"] if answer else about.made_at.isoformat(),
        "relevant-evidence": [
            {"href": "credentials.jsonl", "description": f"The record of {row['credential']}."}
        ],
    }  # fmt: skip


def _finding(about: About, control: str, rows: list[Mapping[str, Any]]) -> dict[str, Any]:
    still = [row for row in rows if not _settled(row)]
    return {
        "uuid": _id(about, "finding", control),
        "title": f"{control}: {len(still)} of {len(rows)} credentials are not settled",
        "description": "Settled is what its issuer rejects, or whose case fell away.",
        "target": {
            "type": "objective-id",
            "target-id": f"{control}_obj",
            "status": {"state": "not-satisfied" if still else "satisfied"},
        },
        "related-observations": [
            {"observation-uuid": _id(about, "observation", _key(row))} for row in rows
        ],
    }


def _settled(row: Mapping[str, Any]) -> bool:
    return row["state"] == "rejected" and all(case["state"] in _ENDED for case in row["cases"])


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['credential']}:{row['reference'] or row['person'] or ''}"


def _id(about: About, *parts: str) -> str:
    return str(uuid.uuid5(_SPACE, "\n".join((about.head, *parts))))
