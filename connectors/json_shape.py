"""Taking JSON apart without trusting its shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from connectors.http import Reply
from correlate.errors import SourceError

MISSING = object()  # what `pointed` returns where nothing stands; JSON's null is None
_DEPTH_FAULTS = (ValueError, RecursionError)  # UnicodeDecodeError is a ValueError


def decoded(reply: Reply) -> object:
    """Return the reply's JSON value; raises ValueError when it is no JSON or does not say so."""
    return _decoded(reply, json.JSONDecoder().decode)


def _decoded(reply: Reply, parse: Callable[[str], object]) -> object:
    kind = reply.content_type
    if not (kind == "application/json" or (kind.startswith("application/") and "+json" in kind)):
        raise ValueError("the answer does not call itself JSON")
    try:
        return parse(reply.body.decode("utf-8-sig"))
    except _Twice:
        raise ValueError("the answer names a key twice in one object") from None
    except _DEPTH_FAULTS:
        raise ValueError("the answer is not whole JSON") from None


class _Twice(ValueError):
    """An object that says two things under one name: parsers differ in which they believe."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Twice
    return made


def _no_number(_: str) -> object:
    raise ValueError  # NaN and Infinity are not JSON (RFC 8259, 6)


def decoded_exactly(reply: Reply) -> object:
    """Return the reply's JSON value, numbers with a fraction or an exponent as the Decimal they
    were written as. Raises ValueError as `decoded` does, and for an object that names a key twice.
    """
    exact = json.JSONDecoder(
        parse_float=Decimal, object_pairs_hook=_once, parse_constant=_no_number
    )
    return _decoded(reply, exact.decode)


def pointed(value: object, pointer: str) -> object:
    """Return what stands at the JSON pointer (RFC 6901), MISSING where nothing does."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name, MISSING)
        elif isinstance(value, list) and name.isascii() and name.isdigit():
            value = value[int(name)] if int(name) < len(value) else MISSING
        else:
            return MISSING
    return value


def as_text(value: object) -> str:
    """Return a JSON scalar as people write it: true, 12, words. Nothing else has a text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def rows(value: object, where: str) -> Sequence[Mapping[str, object]]:
    """Return a list of objects as such; raises SourceError for any other shape."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return value
    raise unexpected(where)


def row(value: object, where: str) -> Mapping[str, object]:
    """Return an object as such; raises SourceError for any other shape."""
    if isinstance(value, dict):
        return value
    raise unexpected(where)


def text(item: Mapping[str, object], name: str, where: str) -> str:
    """Return a field that must be there, as text; raises SourceError where it is not."""
    value = item.get(name)
    if value is None or isinstance(value, dict | list):
        raise unexpected(where)
    return as_text(value)


def unexpected(where: str) -> SourceError:
    """Return the error for an answer that is not shaped as its vendor documents."""
    return SourceError(
        "an answer is not as documented",
        where=where,
        why="a part is missing or of another type",
        fix="check that the address is the product and version meant",
    )
