"""What a Jira site accepts in the fields of an issue, and what it says when it does not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sample_data.simulators.documents import fault_of
from sample_data.simulators.issues import Issues

ISSUE_TYPES = {"10001": "Task", "10002": "Bug", "10003": "Incident"}
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
PROJECT_ID = "10000"
_SUMMARY_CAP = 255
_TEXT_CAP = 32767
_LABEL_CAP = 255
_SCREEN = frozenset(
    [
        "project",
        "issuetype",
        "summary",
        "description",
        "labels",
        "priority",
        "assignee",
        "reporter",
        "duedate",
        "components",
        "security",
        "environment",
        "parent",
    ]
)
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"


def checked(
    site: Issues, fields: Mapping[str, Any], *, new: bool
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the fields as they will be kept, and the errors by field name (empty: accepted)."""
    errors: dict[str, str] = {}
    kept = dict(fields)
    for name in fields:
        if name not in _SCREEN.difference(site.hidden) and name not in site.required:
            errors[name] = (
                f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            )
    if new:
        _check_new(site, fields, errors)
    if "issuetype" in fields and "issuetype" not in errors:
        kept["issuetype"] = _issue_type(fields["issuetype"], errors)
    _check_summary(fields, errors)
    _check_text(site, "description", fields, errors)
    for label in fields.get("labels") or []:
        if " " in label:
            errors["labels"] = f"The label '{label}' contains spaces which is invalid."
        elif len(label) > _LABEL_CAP:
            errors["labels"] = f"The label '{label[:20]}...' exceeds the maximum length of 255."
    if "labels" in fields:
        kept["labels"] = sorted(set(fields["labels"] or []))
    priority = fields.get("priority")
    if priority and "name" in priority and priority["name"] not in PRIORITIES:
        errors["priority"] = "The priority selected is invalid."
    return kept, errors


def _check_new(site: Issues, fields: Mapping[str, Any], errors: dict[str, str]) -> None:
    project = fields.get("project") or {}
    if site.project not in (project.get("key"), "") and project.get("id") != PROJECT_ID:
        errors["project"] = "valid project is required"
    if not fields.get("summary"):
        errors["summary"] = "You must specify a summary of the issue."
    if not fields.get("issuetype"):
        errors["issuetype"] = "Specify an issue type"
    for name in site.required:
        if not fields.get(name):
            errors[name] = f"{name} is required."


def _issue_type(value: Mapping[str, Any], errors: dict[str, str]) -> dict[str, str]:
    for number, name in ISSUE_TYPES.items():
        if value.get("id") == number or str(value.get("name", "")).casefold() == name.casefold():
            return {"id": number, "name": name}
    errors["issuetype"] = "Specify a valid issue type"
    return {}


def _check_summary(fields: Mapping[str, Any], errors: dict[str, str]) -> None:
    summary = fields.get("summary") or ""
    if "\n" in summary or "\r" in summary:
        errors["summary"] = "The summary is invalid because it contains newline characters."
    elif len(summary) > _SUMMARY_CAP:
        errors["summary"] = "Summary can't exceed 255 characters."


def _check_text(site: Issues, name: str, fields: Mapping[str, Any], errors: dict[str, str]) -> None:
    value = fields.get(name)
    if value is None:
        return
    fault = text_fault(site, value)
    if fault:
        errors[name] = fault


def text_fault(site: Issues, value: Any) -> str:
    """Return what is wrong with a long text: a document on Cloud, wiki text on Data Center."""
    if site.rich_text:
        if not isinstance(value, dict):
            return NOT_A_DOCUMENT
        return "INVALID_INPUT" if fault_of(value) else ""
    if not isinstance(value, str):
        return "Operation value must be a string"
    if len(value) > _TEXT_CAP:
        return "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
    return ""
