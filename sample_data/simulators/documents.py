"""Atlassian Document Format, checked as a tree.

The node types, their places and the marks are those of
developer.atlassian.com/cloud/jira/platform/apis/document/structure.
"""

from __future__ import annotations

from typing import Any

_BLOCKS = frozenset(
    [
        "paragraph",
        "heading",
        "bulletList",
        "orderedList",
        "codeBlock",
        "blockquote",
        "panel",
        "rule",
        "table",
        "expand",
    ]
)
_INLINE = frozenset(["text", "hardBreak", "mention", "emoji", "inlineCard", "status", "date"])
_CELL = frozenset(
    ["paragraph", "heading", "bulletList", "orderedList", "codeBlock", "panel", "rule"]
)
_CHILDREN: dict[str, frozenset[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": frozenset({"paragraph", "bulletList", "orderedList", "codeBlock"}),
    "codeBlock": frozenset({"text"}),
    "blockquote": frozenset({"paragraph", "bulletList", "orderedList", "codeBlock"}),
    "panel": frozenset({"paragraph", "heading", "bulletList", "orderedList"}),
    "expand": _BLOCKS - {"expand"},
    "table": frozenset({"tableRow"}),
    "tableRow": frozenset({"tableCell", "tableHeader"}),
    "tableCell": _CELL,
    "tableHeader": _CELL,
}
_NOT_EMPTY = frozenset(
    [
        "bulletList",
        "orderedList",
        "listItem",
        "blockquote",
        "panel",
        "expand",
        "table",
        "tableRow",
        "tableCell",
        "tableHeader",
    ]
)
_MARKS = frozenset(
    [
        "strong",
        "em",
        "code",
        "link",
        "strike",
        "underline",
        "subsup",
        "textColor",
        "backgroundColor",
    ]
)


def fault_of(document: Any) -> str:
    """Return what is wrong with a document, or an empty text when it is sound."""
    if not isinstance(document, dict) or document.get("type") != "doc":
        return "the root is not a doc"
    if document.get("version") != 1 or not isinstance(document.get("content"), list):
        return "a doc has version 1 and content"
    return _fault(document)


def _fault(node: dict[str, Any]) -> str:
    kind = node["type"]
    if kind == "text":
        return _text_fault(node)
    content = node.get("content", [])
    if kind in _NOT_EMPTY and not content:
        return f"{kind} is empty"
    if kind == "heading" and node.get("attrs", {}).get("level") not in range(1, 7):
        return "a heading has a level from 1 to 6"
    for child in content:
        if not isinstance(child, dict) or child.get("type") not in _CHILDREN.get(kind, frozenset()):
            return f"{kind} holds what it may not hold"
        if kind == "codeBlock" and child.get("marks"):
            return "text in a codeBlock has no marks"
        fault = _fault(child)
        if fault:
            return fault
    return ""


def _text_fault(node: dict[str, Any]) -> str:
    if not isinstance(node.get("text"), str) or not node["text"]:
        return "text is a string and not empty"
    for mark in node.get("marks", []):
        if mark.get("type") not in _MARKS:
            return "no such mark"
        if mark["type"] == "link" and not mark.get("attrs", {}).get("href"):
            return "a link has an address"
    return ""


def plain(document: Any) -> str:
    """Return the text of a document, one line per block, for searching and for people."""
    if not isinstance(document, dict):
        return str(document or "")
    if document.get("type") == "text":
        return str(document["text"])
    inline = document.get("type") in ("paragraph", "heading", "codeBlock")
    return ("" if inline else "\n").join(plain(child) for child in document.get("content", []))
