"""OCSF events have what version 1.8 of the schema requires of their classes.

https://github.com/ocsf/ocsf-schema: events/base_event.json, events/findings/finding.json, objects/*.json
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from correlate.model import CaseKey
from correlate.verdict import CaseKind, CaseState
from jobs.control_files import our_crosswalk, our_mapping
from jobs.export_ocsf import SCHEMA, compliance, detections
from jobs.report_rows import CaseRow
from tests.correlate.cast import NOW

REQUIRED = {
    "activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata",
    "finding_info",
}  # fmt: skip


def row(state: CaseState = CaseState.OPEN, severity: str = "high", kind: str = "F1") -> CaseRow:
    return CaseRow(
        key=CaseKey("k1"), kind=kind, title="Live credential", severity=severity, state=state.value,
        credential="Some token", credential_kind="some", issuer="issuer", fingerprint="0a0a0a0a",
        person="p", person_name="Jane", left_at=NOW, liveness="live", liveness_reason="says so",
        liveness_at=NOW, last_used_at=None, places=(), paths=("r:a.py",), grounds=(), readers=(),
        scopes=(), survival="survives", tickets=("SEC-1",), opened_at=NOW, closed_at=None, proofs=(),
        note="",
    )  # fmt: skip


def events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize(
    ("severity", "number"), [("low", 2), ("medium", 3), ("high", 4), ("critical", 5)]
)
def test_a_case_is_a_detection_finding(state: CaseState, severity: str, number: int) -> None:
    (event,) = events(detections([row(state, severity)], "0.1"))
    assert set(event) >= REQUIRED
    assert (event["category_uid"], event["class_uid"]) == (2, 2004)
    assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert event["activity_id"] == (3 if state.ended else 1)
    assert event["severity_id"] == number
    assert event["status_id"] in (1, 2, 3, 4, 5)
    assert event["time"] == NOW.timestamp() * 1000
    assert event["metadata"]["version"] == SCHEMA
    assert event["metadata"]["product"]["name"] == "offkey"
    assert event["finding_info"]["uid"] == "k1"
    assert event["is_alert"] == (not state.ended and state is not CaseState.WAIVED)


@pytest.mark.parametrize("kind", CaseKind)
def test_a_case_is_a_compliance_finding_for_each_framework_it_speaks_to(kind: CaseKind) -> None:
    rows = our_mapping().rows
    made = events(compliance([row(kind=kind.value)], rows, our_crosswalk(), "0.1"))
    assert len(made) == len({cited.framework for cited in rows[kind]})
    assert len({event["finding_info"]["uid"] for event in made}) == len(made)
    for event in made:
        assert set(event) >= REQUIRED | {"compliance"}
        assert event["class_uid"] == 2003
        assert event["type_uid"] == 200300 + event["activity_id"]
        assert event["compliance"]["standards"]
        assert event["compliance"]["requirements"]
        assert event["compliance"]["status_id"] == 3


def test_what_is_closed_by_proof_passes_and_an_id_is_told_as_it_is_cited() -> None:
    rows = our_mapping().rows
    made = events(compliance([row(CaseState.CLOSED)], rows, our_crosswalk(), "0.1"))
    assert {event["compliance"]["status"] for event in made} == {"Pass"}
    (csf,) = [event for event in made if event["compliance"]["standards"] == ["CSF 2.0"]]
    assert "PR.AA-05 (cited as PR.AC-4, CSF 1.1)" in csf["compliance"]["requirements"]
