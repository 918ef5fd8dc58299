"""Cases as OCSF events: Detection Findings (2004), and Compliance Findings (2003) by framework.

https://github.com/ocsf/ocsf-schema/tree/main/events/findings
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from correlate.crosswalk import Cited, Crosswalk
from correlate.verdict import CaseState
from jobs.report_rows import CaseRow

SCHEMA = "1.8.0"
_FINDINGS, _COMPLIANCE, _DETECTION = 2, 2003, 2004
_CREATE, _CLOSE = 1, 3
_SEVERITY = {
    "low": (2, "Low"),
    "medium": (3, "Medium"),
    "high": (4, "High"),
    "critical": (5, "Critical"),
}
_STATUS = {
    CaseState.OPEN: (1, "New"),
    CaseState.TICKETED: (2, "In Progress"),
    CaseState.AWAITING_SUCCESSOR: (2, "In Progress"),
    CaseState.UNPROVEN: (2, "In Progress"),
    CaseState.WAIVED: (3, "Suppressed"),
    CaseState.CLOSED: (4, "Resolved"),
    CaseState.VOID: (5, "Archived"),
}  # fmt: skip


def detections(rows: Iterable[CaseRow], version: str) -> str:
    """Return one Detection Finding a line and case; `finding_info.uid` is the case's key."""
    return _lines(_event(row, _DETECTION, version) for row in rows)


def compliance(
    rows: Iterable[CaseRow],
    controls: Mapping[str, tuple[Cited, ...]],
    walk: Crosswalk,
    version: str,
) -> str:
    """Return one Compliance Finding a line, case and framework that its kind speaks to."""
    return _lines(
        _compliance(row, walk.catalogues[key].name, ids, walk, key, version)
        for row in rows
        for key, ids in _by_framework(controls.get(row.kind, ())).items()
    )


def _compliance(
    row: CaseRow,
    standard: str,
    ids: list[str],
    walk: Crosswalk,
    key: tuple[str, str],
    version: str,
) -> dict[str, Any]:
    passed = row.state == CaseState.CLOSED.value
    judged = {
        "standards": [standard],
        "requirements": [walk.told(*key, one) for one in ids],
        "status_id": 1 if passed else 3,
        "status": "Pass" if passed else "Fail",
    }
    event = _event(row, _COMPLIANCE, version)
    event["finding_info"]["uid"] = f"{row.key}:{key[0]}"
    del event["is_alert"]
    return event | {"compliance": judged}


def _event(row: CaseRow, kind: int, version: str) -> dict[str, Any]:
    state = CaseState(row.state)
    activity = _CLOSE if state.ended else _CREATE
    severity, status = _SEVERITY[row.severity], _STATUS[state]
    return {
        "activity_id": activity,
        "activity_name": "Close" if state.ended else "Create",
        "category_uid": _FINDINGS,
        "category_name": "Findings",
        "class_uid": kind,
        "class_name": "Detection Finding" if kind == _DETECTION else "Compliance Finding",
        "type_uid": kind * 100 + activity,
        "time": _milliseconds(row.opened_at),
        "severity_id": severity[0],
        "severity": severity[1],
        "status_id": status[0],
        "status": status[1],
        "is_alert": not state.ended and state is not CaseState.WAIVED,
        "message": f"{row.title}: {row.credential} ({row.fingerprint})",
        "metadata": {
            "version": SCHEMA,
            "product": {"name": "offkey", "vendor_name": "offkey", "version": version},
        },
        "finding_info": {
            "uid": row.key,
            "title": row.title,
            "types": [row.kind],
            "created_time": _milliseconds(row.opened_at),
            "last_seen_time": _milliseconds(row.liveness_at),
        },
        "resources": [{"type": "credential", "name": row.credential, "uid": row.fingerprint}],
        "unmapped": {
            "issuer": row.issuer,
            "person": row.person_name,
            "left_at": row.left_at.isoformat() if row.left_at else None,
            "liveness": row.liveness,
            "paths": list(row.paths),
            "tickets": list(row.tickets),
        },
    }


def _by_framework(controls: Iterable[Cited]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for cited in controls:
        found.setdefault((cited.framework, cited.edition), []).append(cited.id)
    return found


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _lines(events: Iterator[dict[str, Any]]) -> str:
    return "\n".join(json.dumps(event, ensure_ascii=False) for event in events)
