"""The part of JQL that ticket connectors use: comparisons joined by AND and OR, and an order."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sample_data.simulators.issues import CATEGORIES, Issue

Test = Callable[[Issue], bool]

_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<mark>!=|>=|<=|!~|=|~|>|<|\(|\)|,)|(?P<word>[^\s=!<>~(),"']+))"""
)
_ORDER = re.compile(r"\s*\border\s+by\s+(\w+)(?:\s+(asc|desc))?\s*$", re.IGNORECASE)
_AGO = re.compile(r"-(\d+)([mhdw])")
_STEP = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_ORDER_KEYS: dict[str, Callable[[Issue], Any]] = {
    "created": lambda issue: (issue.created_at, int(issue.id)),
    "updated": lambda issue: (issue.updated_at, int(issue.id)),
    "key": lambda issue: int(issue.id),
    "id": lambda issue: int(issue.id),
}


class BadJql(ValueError):
    """The query cannot be run; the text is what Jira would say."""


def _values(issue: Issue, name: str) -> list[str] | None:
    texts: dict[str, list[str]] = {
        "project": [issue.key.rpartition("-")[0]],
        "labels": list(issue.fields.get("labels", [])),
        "status": [issue.state.name, issue.state.id],
        "statuscategory": [CATEGORIES[issue.state.category][1], issue.state.category],
        "resolution": [issue.resolution] if issue.resolution else [],
        "issuetype": [str(issue.fields.get("issuetype", {}).get("name", ""))],
        "summary": [str(issue.fields.get("summary", ""))],
        "text": [str(issue.fields.get("summary", "")), str(issue.fields.get("description", ""))],
    }
    texts["key"] = texts["issuekey"] = texts["issue"] = texts["id"] = [issue.key, issue.id]
    return texts.get(name)


def _instant(text: str, now: datetime) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_STEP[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text.replace("/", "-")).replace(tzinfo=now.tzinfo)
    except ValueError as wrong:
        raise BadJql(f"Date value '{text}' is invalid.") from wrong


def _compare_time(name: str, sign: str, text: str, now: datetime) -> Test:
    limit = _instant(text, now)

    def at(issue: Issue) -> datetime:
        return issue.created_at if name == "created" else issue.updated_at

    tests: dict[str, Test] = {
        ">=": lambda issue: at(issue) >= limit,
        "<=": lambda issue: at(issue) <= limit,
        ">": lambda issue: at(issue) > limit,
        "<": lambda issue: at(issue) < limit,
    }
    if sign not in tests:
        raise BadJql(f"The operator '{sign}' is not supported by the '{name}' field.")
    return tests[sign]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _compare(name: str, sign: str, wanted: list[str]) -> Test:
    folded = {text.casefold() for text in wanted}

    def holds(issue: Issue) -> bool:
        return any(text.casefold() in folded for text in _values(issue, name) or [])

    def contains(issue: Issue) -> bool:
        # the text search is tokenised: punctuation does not take part in a match
        texts = set().union(*(_words(text) for text in _values(issue, name) or []))
        return _words(wanted[0]) <= texts

    def is_empty(issue: Issue) -> bool:
        return not _values(issue, name)

    if sign in ("is", "is not", "=", "!=") and folded & {"empty", "null"}:
        return is_empty if sign in ("is", "=") else lambda issue: not is_empty(issue)
    if sign in ("~", "!~"):
        return contains if sign == "~" else lambda issue: not contains(issue)
    if sign in ("=", "in"):
        return holds
    # Jira's negative operators leave out issues in which the field is empty
    return lambda issue: not holds(issue) and not is_empty(issue)


class _Reader:
    def __init__(self, text: str, now: datetime) -> None:
        self.tokens = [
            (match["quoted"][1:-1] if match["quoted"] else match.group().strip(), match.lastgroup)
            for match in _TOKEN.finditer(text)
        ]
        self.now, self.at = now, 0

    def peek(self) -> str:
        token = self.tokens[self.at] if self.at < len(self.tokens) else ("", None)
        return token[0].lower() if token[1] != "quoted" else ""

    def next(self) -> str:
        if self.at >= len(self.tokens):
            raise BadJql("Error in the JQL Query: the query ends too early.")
        self.at += 1
        return self.tokens[self.at - 1][0]

    def either(self) -> Test:
        tests = [self.both()]
        while self.peek() == "or":
            self.next()
            tests.append(self.both())
        return lambda issue: any(test(issue) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.peek() == "and":
            self.next()
            tests.append(self.one())
        return lambda issue: all(test(issue) for test in tests)

    def one(self) -> Test:
        if self.peek() == "(":
            self.next()
            inner = self.either()
            if self.next() != ")":
                raise BadJql("Error in the JQL Query: expecting ')'.")
            return inner
        if self.peek() == "not":
            self.next()
            denied = self.one()
            return lambda issue: not denied(issue)
        name = self.next().lower()
        sign = self.sign()
        if name in ("created", "updated"):
            return _compare_time(name, sign, self.next(), self.now)
        if name not in _KNOWN:
            raise BadJql(f"Field '{name}' does not exist or you do not have permission to view it.")
        return _compare(name, sign, self.wanted(sign))

    def sign(self) -> str:
        sign = self.next().lower()
        if sign in ("is", "not") and self.peek() in ("not", "in"):
            sign = f"{sign} {self.next().lower()}"
        if sign not in ("=", "!=", "~", "!~", "in", "not in", "is", "is not", ">", "<", ">=", "<="):
            raise BadJql(f"Error in the JQL Query: '{sign}' is not an operator.")
        return sign

    def wanted(self, sign: str) -> list[str]:
        if sign not in ("in", "not in"):
            return [self.next()]
        if self.next() != "(":
            raise BadJql("Error in the JQL Query: expecting '('.")
        texts = []
        while (text := self.next()) != ")":
            if text != ",":
                texts.append(text)
        return texts


_KNOWN = frozenset(
    [
        "project",
        "labels",
        "status",
        "statuscategory",
        "resolution",
        "issuetype",
        "summary",
        "text",
        "key",
        "issuekey",
        "issue",
        "id",
    ]
)


def search(text: str, issues: tuple[Issue, ...], now: datetime) -> tuple[Issue, ...]:
    """Return the issues that the query holds for, in its order (else newest first).

    Raises BadJql; an unbounded query (without any restriction) returns nothing of itself:
    refusing it is the caller's part, as only Cloud does.
    """
    order = _ORDER.search(text)
    restriction = text[: order.start()] if order else text
    test: Test = lambda _issue: True  # noqa: E731  the neutral restriction
    if restriction.strip():
        reader = _Reader(restriction, now)
        test = reader.either()
        if reader.at != len(reader.tokens):
            raise BadJql(f"Error in the JQL Query: unexpected '{reader.peek()}'.")
    name = order[1].lower() if order else "created"
    if name not in _ORDER_KEYS:
        raise BadJql(f"Not able to sort using field '{name}'.")
    newest_first = order is None or (order[2] or "").lower() == "desc"
    return tuple(
        sorted(
            (issue for issue in issues if test(issue)), key=_ORDER_KEYS[name], reverse=newest_first
        )
    )


def bounded(text: str) -> bool:
    """Say whether a query has any restriction (Cloud refuses others with 400)."""
    return bool(_ORDER.sub("", text).strip())
