"""`offkey export` writes the same cases in every form."""

from __future__ import annotations

import csv
import io
import json

from tests.jobs.cli.conftest import Desk


def test_every_form_has_every_case(desk: Desk) -> None:
    shown = desk.run("export")
    assert shown.code == 0
    table = list(csv.DictReader(io.StringIO(shown.out)))
    keys = sorted(row["key"] for row in table)
    lines = [json.loads(line) for line in desk.run("export", "--format", "jsonl").lines]
    found = [json.loads(line) for line in desk.run("export", "--format", "ocsf").lines]
    assert keys == sorted(row["key"] for row in lines)
    assert keys == sorted(event["finding_info"]["uid"] for event in found)
    judged = [json.loads(line) for line in desk.run("export", "--format", "ocsf-compliance").lines]
    assert {event["finding_info"]["uid"].partition(":")[0] for event in judged} == set(keys)
    results = json.loads(desk.run("export", "--format", "sarif").out)["runs"][0]["results"]
    open_now = [row for row in table if row["state"] not in ("closed", "void")]
    assert len(results) == len(open_now)
    assert {row["fingerprint"] for row in open_now} == {
        result["partialFingerprints"]["offkeyCredential/v1"] for result in results
    }
