"""JSON for the vocabulary: any frozen dataclass of `correlate` to plain data and back.

The law is `decode(type(x), encode(x)) == x`. A Secret, or anything that holds one, is
refused: plaintext has no serialised form.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache, partial
from typing import Any, TypeVar, Union, cast, get_args, get_origin

T = TypeVar("T")
Plain = None | bool | int | float | str | list[Any] | dict[str, Any]
_AS_IT_IS = frozenset({bool, int, float, str, type(None)})


def encode(value: object, *, whole: bool = False) -> Plain:
    """Return `value` as lists, dicts with text keys, texts, numbers, booleans and None.

    Instants become ISO 8601 in UTC. Fields that hold their default are left out, unless `whole`:
    what has every field is longer, and decoded in half the time. Its mappings are sorted.
    Raises TypeError for a Secret, a naive datetime or a type outside the vocabulary.
    """
    return _encoder(cast("Hashable", type(value)), whole)(value)


def record_of(value: object) -> dict[str, Any]:
    """Return a dataclass as plain data: what `encode` makes of it. Raises TypeError for anything else."""
    plain = encode(value)
    if not isinstance(plain, dict):
        raise TypeError("a record is made from a dataclass")
    return plain


@cache
def _encoder(kind: Any, whole: bool) -> Callable[[Any], Plain]:  # noqa: FBT001
    """Return what encodes values of one type: types are few, and values of them millions."""
    if kind in _AS_IT_IS:
        return _same
    if issubclass(kind, Enum):
        return _value
    if issubclass(kind, str):
        return _same
    if issubclass(kind, datetime):
        return _instant
    if issubclass(kind, tuple | list):
        return partial(_items, whole=whole)
    if issubclass(kind, Mapping):
        return partial(_entries, whole=whole)
    if is_dataclass(kind):
        return _fields_of(kind, whole=whole)
    raise TypeError(f"{kind.__name__} has no serialised form")


def _same(value: Any) -> Plain:
    return cast("Plain", value)


def _value(value: Enum) -> Plain:
    return str(value.value)


def _items(value: Iterable[object], *, whole: bool) -> Plain:
    return [encode(item, whole=whole) for item in value]


def _entries(value: Mapping[object, object], *, whole: bool) -> Plain:
    entries = sorted(value.items(), key=_by_key) if whole else value.items()
    return {str(key): encode(item, whole=whole) for key, item in entries}


def _by_key(entry: tuple[object, object]) -> str:
    return str(entry[0])


def _instant(value: datetime) -> Plain:
    if value.tzinfo is None:
        raise TypeError("a naive datetime has no serialised form")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()


def _fields_of(kind: Any, *, whole: bool) -> Callable[[Any], Plain]:
    """An Enum's default is written all the same: it is an answer of its own."""
    specs = [
        (spec.name, MISSING if whole or isinstance(spec.default, Enum) else spec.default)
        for spec in fields(kind)
    ]

    def encoded(value: Any) -> Plain:
        plain: dict[str, Plain] = {}
        for name, default in specs:
            item = getattr(value, name)
            if item is default or (type(item) is type(default) and item == default):
                continue
            plain[name] = item if type(item) in _AS_IT_IS else encode(item, whole=whole)
        return plain

    return encoded


def decode(kind: type[T], plain: Any) -> T:
    """Return the value of type `kind` that `encode` turned into `plain`.

    Raises ValueError, naming the type, when `plain` does not fit it; an unknown field
    is refused too, so that data of a newer version is never read by halves.
    """
    try:
        return cast("T", _decode(kind, plain))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a stored {getattr(kind, '__name__', kind)}") from error


def _decode(kind: Any, plain: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, plain)
    if origin is tuple:
        return _decode_tuple(get_args(kind), plain)
    if origin is not None and issubclass(origin, Mapping):
        _, item = get_args(kind)
        return {key: _decode(item, value) for key, value in plain.items()}
    if hasattr(kind, "__supertype__"):
        return _decode(kind.__supertype__, plain)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(cast("Hashable", kind))
        return kind(**{name: _decode(hints[name], item) for name, item in plain.items()})
    if kind is datetime:
        return datetime.fromisoformat(plain)
    if issubclass(kind, Enum):
        return kind(plain)
    if kind is float and isinstance(plain, int):
        return float(plain)
    if not isinstance(plain, kind):
        raise TypeError(kind)
    return plain


def _decode_union(kind: Any, plain: Any) -> Any:
    if plain is None:
        return None
    members = [member for member in get_args(kind) if member is not type(None)]
    for member in members:
        if len(members) == 1 or (is_dataclass(member) and set(plain) <= _names(member)):
            return _decode(member, plain)
    raise TypeError(kind)


def _decode_tuple(members: tuple[Any, ...], plain: Any) -> tuple[Any, ...]:
    if len(members) == 2 and members[1] is Ellipsis:  # noqa: PLR2004  # tuple[X, ...]
        return tuple(_decode(members[0], item) for item in plain)
    return tuple(_decode(member, item) for member, item in zip(members, plain, strict=True))


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _names(kind: Any) -> set[str]:
    return {spec.name for spec in fields(kind)}
