"""The filter expressions of Betterleaks' packs, as far as a finding's own texts decide them.

    or       = and {("||" | "or") and}
    and      = not {("&&" | "and") not}
    not      = {"!" | "not"} compared
    compared = value [("<" | "<=" | ">" | ">=" | "==" | "!=") value | "in" list | "contains" value]
    value    = number | text | list | "true" | "false" | "(" or ")" | asked ["??" value]
    asked    = name "(" arguments ")" | finding["secret"] | attributes["path"]

True means that the finding is dropped. What depends on where the text came from (`attributes`) is
not known while objects are scanned, and is empty, as it is for the pack's own tool when it does
not know. Anything else is not understood, and the rule then not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from detectors.packs.char_class import Flavour
from detectors.packs.dialect import translate
from detectors.packs.exact import Exact, compiled
from detectors.packs.expr_tokens import NotUnderstood, Token, tokens
from detectors.placeholder import entropy

__all__ = ["Expression", "NotUnderstood", "parse"]

_MOST = 200_000  # characters; the longest known filter has 27,000
_DEEPEST = 50  # groups within groups
_REMEMBERED = 4096
_KNOWN = ("secret", "match", "line")
_NEEDS = MappingProxyType({"failsTokenEfficiency": "a language model's tokens"})

_Texts = Mapping[str, str]
_Run = Callable[[_Texts], Any]


@dataclass(frozen=True, slots=True)
class Expression:
    """A filter, ready. `asks_place` tells whether it asks for what is not known, such as a path."""

    drops: Callable[[str, str, str], bool]
    asks_place: bool


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of an expression: the sort of its value, and how to have it.

    `constant` is the value of a text or a list that is written out.
    """

    sort: str
    run: _Run
    constant: Any = None


@lru_cache(maxsize=_REMEMBERED)
def parse(expression: str) -> Expression:
    """Return the expression, whose `drops` takes a finding's secret, match and line.

    Raises NotUnderstood with the reason.
    """
    if len(expression) > _MOST:
        raise NotUnderstood("its filter is too long")
    words = list(tokens(expression))
    for word in words:
        if word.sort == "name" and word.value in _NEEDS:
            raise NotUnderstood(f"its filter needs {_NEEDS[word.value]} ({word.value})")
    reader = _Reader(words)
    node = reader.whole()

    def drops(secret: str, match: str, line: str) -> bool:
        return bool(node.run({"secret": secret, "match": match, "line": line}))

    return Expression(drops, reader.asks_place)


class _Reader:
    """Reads one expression by the grammar above, one method a line of it."""

    def __init__(self, words: Sequence[Token]) -> None:
        self._words, self._at, self._depth = words, 0, 0
        self.asks_place = False

    def whole(self) -> _Node:
        node = self._either()
        if self._words[self._at].sort != "end":
            raise NotUnderstood(f"its filter uses `{self._words[self._at].value[:20]}`")
        return _wanted(node, "truth")

    def _either(self) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood("its filter is nested too deeply")
        parts = [self._both()]
        while self._takes("||", "or"):
            parts.append(self._both())
        self._depth -= 1
        return _choice(parts, any)

    def _both(self) -> _Node:
        parts = [self._not()]
        while self._takes("&&", "and"):
            parts.append(self._not())
        return _choice(parts, all)

    def _not(self) -> _Node:
        negations = 0
        while self._takes("!", "not"):
            negations += 1
        node = self._compared()
        if not negations:
            return node
        run, odd = _wanted(node, "truth").run, bool(negations % 2)
        return _Node("truth", lambda texts: run(texts) != odd)

    def _compared(self) -> _Node:
        left = self._value()
        sign = self._takes(*_COMPARISONS)
        if not sign:
            return left
        right, compare = self._value(), _COMPARISONS[sign]
        sorts = {"in": ("text", "texts"), "contains": ("text", "text")}.get(sign)
        if sorts is None and left.sort != right.sort:
            raise NotUnderstood("its filter compares what does not compare")
        wanted = sorts or (left.sort, left.sort)
        first, second = _wanted(left, wanted[0]).run, _wanted(right, wanted[1]).run
        return _Node("truth", lambda texts: compare(first(texts), second(texts)))

    def _value(self) -> _Node:
        word = self._next()
        if word.sort == "number":
            return _constant("number", float(word.value))
        if word.sort == "text":
            return _constant("text", word.value)
        if word.value == "[":
            items = [_written_out(node, "text") for node in self._arguments("]")]
            return _constant("texts", items)
        if word.value == "(":
            node = self._either()
            self._expect(")")
            return node
        if word.sort == "name" and word.value in ("true", "false"):
            return _constant("truth", word.value == "true")
        if word.sort == "name":
            return self._asked(word.value)
        raise NotUnderstood(f"its filter uses `{word.value[:20]}`")

    def _asked(self, name: str) -> _Node:
        if name in ("finding", "attributes"):
            node = self._held(name)
        elif name == "filter" and self._takes("."):
            return self._asked(self._next().value)
        elif self._takes("("):
            node = self._called(name)
        else:
            raise NotUnderstood(f"its filter uses `{name[:20]}`")
        if self._takes("??"):
            self._value()  # an empty text stands for what is not known, and is never null
        return node

    def _held(self, name: str) -> _Node:
        if self._takes("["):
            key = self._next().value
            self._expect("]")
        else:
            self._expect(".")
            key = self._next().value
        return self._field(name, key)

    def _field(self, name: str, key: str) -> _Node:
        if name == "attributes":
            self.asks_place = True
            return _Node("text", lambda _texts: "")
        if key not in _KNOWN:
            raise NotUnderstood(f"its filter asks for the finding's {key[:20]}")
        return _Node("text", lambda texts: texts[key])

    def _called(self, name: str) -> _Node:
        if name == "get":
            return self._got()
        if name not in _FUNCTIONS:
            raise NotUnderstood(f"its filter calls {name[:30]}")
        return _FUNCTIONS[name](self._arguments(")"))

    def _got(self) -> _Node:
        """`get(attributes, "path", "")`: the fallback counts only for what is not known."""
        holder = self._next().value
        self._expect(",")
        key, fallback = self._next().value, None
        if self._takes(","):
            fallback = self._value()
        self._expect(")")
        if holder not in ("finding", "attributes"):
            raise NotUnderstood(f"its filter uses `{holder[:20]}`")
        field = self._field(holder, key)
        return fallback if fallback is not None and holder == "attributes" else field

    def _arguments(self, closing: str) -> list[_Node]:
        nodes: list[_Node] = []
        while not self._takes(closing):
            if nodes:
                self._expect(",")
                if self._takes(closing):
                    break
            nodes.append(self._either())
        return nodes

    def _next(self) -> Token:
        word = self._words[self._at]
        if word.sort == "end":
            raise NotUnderstood("its filter ends too early")
        self._at += 1
        return word

    def _takes(self, *values: str) -> str:
        word = self._words[self._at]
        if word.sort not in ("sign", "name") or word.value not in values:
            return ""
        self._at += 1
        return word.value

    def _expect(self, value: str) -> None:
        if not self._takes(value):
            raise NotUnderstood(f"its filter lacks a `{value}`")


def _constant(sort: str, value: Any) -> _Node:
    return _Node(sort, lambda _texts: value, value)


def _wanted(node: _Node, sort: str) -> _Node:
    if node.sort != sort:
        raise NotUnderstood(f"its filter has a {node.sort} where a {sort} belongs")
    return node


def _written_out(node: _Node, sort: str) -> Any:
    if _wanted(node, sort).constant is None:
        raise NotUnderstood("its filter makes up patterns")
    return node.constant


def _choice(parts: Sequence[_Node], of: Callable[[Any], bool]) -> _Node:
    if len(parts) == 1:
        return parts[0]
    runs = [_wanted(part, "truth").run for part in parts]
    return _Node("truth", lambda texts: of(run(texts) for run in runs))


def _argument_pair(nodes: Sequence[_Node], second: str) -> tuple[_Run, Any]:
    if len(nodes) != 2:  # noqa: PLR2004
        raise NotUnderstood("its filter calls with other arguments")
    return _wanted(nodes[0], "text").run, _written_out(nodes[1], second)


def _matches_any(nodes: Sequence[_Node]) -> _Node:
    asked, patterns = _argument_pair(nodes, "texts")
    if not patterns:
        return _constant("truth", value=False)
    engine = any_of(patterns)
    return _Node("truth", lambda texts: engine.search(asked(texts).encode()) is not None)


def _find_match(nodes: Sequence[_Node]) -> _Node:
    asked, pattern = _argument_pair(nodes, "text")
    engine = any_of([pattern])

    def run(texts: _Texts) -> str:
        found = engine.search(asked(texts).encode())
        return found[0].decode(errors="replace") if found else ""

    return _Node("text", run)


def _contains_any(nodes: Sequence[_Node]) -> _Node:
    asked, words = _argument_pair(nodes, "texts")

    def run(texts: _Texts) -> bool:
        text = asked(texts).lower()
        return any(word in text for word in words)

    return _Node("truth", run)


def _entropy(nodes: Sequence[_Node]) -> _Node:
    (node,) = nodes if len(nodes) == 1 else (_constant("none", None),)
    run = _wanted(node, "text").run
    return _Node("number", lambda texts: entropy(run(texts)))


def _length(nodes: Sequence[_Node]) -> _Node:
    (node,) = nodes if len(nodes) == 1 else (_constant("none", None),)
    run = _wanted(node, "text").run
    return _Node("number", lambda texts: float(len(run(texts))))


def any_of(patterns: Sequence[str]) -> Exact:
    """Return one engine that finds what any of a pack's patterns does. Raises NotUnderstood."""
    try:
        return compiled(alternatives(patterns))
    except ValueError as error:
        raise NotUnderstood(f"its filter has a pattern that is no use: {error}") from None


def alternatives(patterns: Sequence[str]) -> str:
    """Return the patterns of a pack in our dialect as one. Raises Unsayable."""
    return "|".join(f"(?:{translate(pattern, Flavour.GO).pattern})" for pattern in patterns)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "<": lambda left, right: left < right,
        "<=": lambda left, right: left <= right,
        ">": lambda left, right: left > right,
        ">=": lambda left, right: left >= right,
        "==": lambda left, right: left == right,
        "!=": lambda left, right: left != right,
        "in": lambda left, right: left in right,
        "contains": lambda left, right: right in left,
    }
)
_FUNCTIONS: Mapping[str, Callable[[Sequence[_Node]], _Node]] = MappingProxyType(
    {
        "matchesAny": _matches_any,
        "findMatch": _find_match,
        "containsAny": _contains_any,
        "entropy": _entropy,
        "len": _length,
    }
)
