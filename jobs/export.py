"""Cases and findings for other programs: JSON, JSON Lines, CSV that no spreadsheet executes, SARIF."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from correlate.codec import record_of
from correlate.model import Coverage, Exposure
from jobs.printable import printable
from jobs.report_rows import SCHEMA_VERSION, CaseRow, Report

# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
_WAIVER = {"approver": "waiver_approver", "expires_at": "waived_until"}
_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"

CASE_COLUMNS = (
    "key", "kind", "severity", "state", "credential", "issuer", "fingerprint", "person",
    "person_name", "left_at", "liveness", "liveness_at", "last_used_at", "paths", "tickets", "opened_at",
    "closed_at", "note", "due_at", "waived_until", "exception", "waiver_approver", "waiver_renewals",
)  # fmt: skip
FINDING_COLUMNS = (
    "kind", "fingerprint", "container", "path", "part", "line", "medium", "introduced_by",
    "introduced_at", "at_tip", "reachable", "suppressed",
)  # fmt: skip


def report_json(report: Report) -> str:
    """Return the whole report as one JSON object with its schema's version."""
    plain = {
        "schema_version": SCHEMA_VERSION,
        "live_share": report.live_share,
        "complete": report.complete,
        **record_of(report),
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)


def rows_json(rows: Sequence[dict[str, Any]], coverage: Iterable[Coverage]) -> str:
    """Return rows with their coverage as one JSON object."""
    plain = {
        "schema_version": SCHEMA_VERSION,
        "rows": rows,
        "coverage": [record_of(part) for part in coverage],
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)


def rows_jsonl(rows: Iterable[dict[str, Any]]) -> str:
    """Return one JSON object a line."""
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def rows_csv(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> str:
    """Return a table whose cells no spreadsheet takes for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = "; ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    text = printable(text, keep="\t\r\n")
    return f"'{text}" if text.startswith(_FORMULA) else text


def case_records(rows: Iterable[CaseRow]) -> list[dict[str, Any]]:
    """Return cases as plain records."""
    return [record_of(row) for row in rows]


def finding_records(exposures: Iterable[Exposure]) -> list[dict[str, Any]]:
    """Return what a scan found as plain, secret-free records."""
    return [_finding(found) for found in exposures]


def _finding(found: Exposure) -> dict[str, Any]:
    trace = found.trace
    first = trace.introduced[0] if trace and trace.introduced else None
    return {
        "kind": found.kind,
        "fingerprint": found.fingerprint.short,
        "container": found.locator.container,
        "path": trace.path if trace else found.locator.item,
        "part": found.locator.part,
        "line": found.locator.line,
        "medium": found.medium.value,
        "commit": first.commit if first else "",
        "introduced_by": first.identity.handle if first else "",
        "introduced_at": first.at.isoformat() if first and first.at else "",
        "at_tip": trace.at_tip.value if trace else "unknown",
        "reachable": trace.reachable.value if trace else "unknown",
        "suppressed": found.suppressed,
        "facts": dict(found.facts),
    }


def sarif(records: Iterable[dict[str, Any]], version: str) -> str:
    """Return SARIF 2.1.0 for finding or case records.

    The fingerprint goes under a key of our own: `primaryLocationLineHash` is GitHub's,
    https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
    """
    records = list(records)
    rules = sorted({str(record["kind"]) for record in records})
    run = {
        "tool": {
            "driver": {
                "name": "offkey",
                "version": version,
                "rules": [{"id": rule} for rule in rules],
            }
        },
        "results": [_sarif_result(record) for record in records],
    }
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_result(record: dict[str, Any]) -> dict[str, Any]:
    paths = record.get("paths")
    if paths is None:
        paths = [f"{record.get('container')}:{record.get('path')}"]
    line = record.get("line") or 1
    where = f" in {printable(str(paths[0]))}" if paths else ""
    result = {
        "ruleId": str(record["kind"]),
        "level": _LEVELS.get(str(record.get("severity")), "warning"),
        "message": {"text": f"{record['kind']} {record['fingerprint']}{where}"},
        "partialFingerprints": {"offkeyCredential/v1": str(record["fingerprint"])},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _relative(str(path))},
                    "region": {"startLine": line},
                }
            }
            for path in paths
        ],
    }
    if record.get("state") == "waived":
        result["suppressions"] = [_suppression(record)]
    return result


def _relative(path: str) -> str:
    """Return the path inside its container as a relative URI (RFC 3986), whatever the path holds."""
    inner = path.partition(":")[2] or path
    return quote(inner.lstrip("/"), safe="/-._~") or "."


def _suppression(record: dict[str, Any]) -> dict[str, Any]:
    """Return why a result is not acted upon. SARIF has no place for an end and an approver but
    `properties`; a case that was waived in its ticket has no approver.
    """
    told = {name: record.get(key) for name, key in _WAIVER.items()}
    return {
        "kind": "external",
        "status": "accepted",
        "justification": printable(str(record.get("note") or "a person accepted the risk")),
        "properties": {f"offkey/{name}": value for name, value in told.items()},
    }
