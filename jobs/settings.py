"""From a TOML table to a typed, frozen settings dataclass, with errors a person can act on."""

from __future__ import annotations

import difflib
import os
import subprocess
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from correlate.errors import ConfigError
from correlate.secret import Secret

T = TypeVar("T")
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a table may refer to: the folder relative paths start from, and the environment."""

    folder: Path
    environ: Mapping[str, str]


def build(kind: type[T], table: Mapping[str, Any], where: str, around: Surroundings) -> T:
    """Return `kind` (a dataclass) filled from `table`.

    Raises ConfigError naming the full key for an unknown key (with the nearest known
    one), a missing key, a value of the wrong type or a secret that cannot be had. No
    value of a Secret field appears in any error.
    """
    hints = typing.get_type_hints(kind)
    known = {spec.name: spec for spec in fields(typing.cast("Any", kind))}
    for name in table:
        if name not in known:
            raise _unknown(name, known, where)
    values = {}
    for name, spec in known.items():
        key = f"{where}.{name}"
        if name in table:
            values[name] = _value(hints[name], table[name], key, around)
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise ConfigError(
                "A setting is missing", where=key, why="it has no default", fix=f"add `{name}`"
            )
    return kind(**values)


def _unknown(name: str, known: Mapping[str, object], where: str) -> ConfigError:
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(sorted(known))}"
    return ConfigError(
        "An unknown setting", where=f"{where}.{name}", why="nothing reads it", fix=hint
    )


def _wrong(key: str, wanted: str, value: object) -> ConfigError:
    return ConfigError(
        "A setting has the wrong type",
        where=key,
        why=f"it is {type(value).__name__}, {wanted} is wanted",
        fix=f"write {wanted}",
    )


def _value(hint: Any, value: Any, key: str, around: Surroundings) -> Any:
    if get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(member for member in get_args(hint) if member is not type(None))
    if hint is Secret:
        return _secret(value, key, around)
    if hint is Path:
        return around.folder / Path(_typed(str, value, key, "a path")).expanduser()
    if get_origin(hint) is tuple:
        items = _typed(list, value, key, "a list of texts")
        return tuple(_typed(str, item, key, "a list of texts") for item in items)
    if get_origin(hint) is not None and issubclass(get_origin(hint), Mapping):
        return _mapping(value, key)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, bool) and hint is not bool:
        raise _wrong(key, hint.__name__, value)
    return _typed(hint, value, key, {str: "a text", int: "a whole number"}.get(hint, hint.__name__))


def _mapping(value: Any, key: str) -> dict[str, str]:
    table = _typed(dict, value, key, "a table of texts")
    return {name: _typed(str, item, f"{key}.{name}", "a text") for name, item in table.items()}


def _typed(kind: type[T], value: Any, key: str, wanted: str) -> T:
    if not isinstance(value, kind):
        raise _wrong(key, wanted, value)
    return value


def _secret(value: Any, key: str, around: Surroundings) -> Secret:
    """Resolve `{env = "NAME"}`, `{file = "PATH"}` or `{cmd = ["prog", "arg"]}`."""
    readers = {"env": _from_environment, "file": _from_file, "cmd": _from_command}
    if not isinstance(value, Mapping) or len(value) != 1 or not readers.keys() >= value.keys():
        raise ConfigError(
            "A secret is written into the configuration",
            where=key,
            why="secrets are referred to, never written down here",
            fix='use {env = "NAME"}, {file = "PATH"} or {cmd = ["prog", "arg"]}',
        )
    ((way, target),) = value.items()
    text = readers[way](target, key, around).strip()
    if not text:
        raise ConfigError(
            "A secret is empty", where=key, why=f"its {way} holds nothing", fix=f"fill the {way}"
        )
    return Secret(text)


def _from_environment(target: Any, key: str, around: Surroundings) -> str:
    name = _typed(str, target, key, "the name of a variable")
    if name in around.environ:
        return around.environ[name]
    raise ConfigError(
        "A secret cannot be had", where=key, why=f"${name} is not set", fix=f"export {name}"
    )


def _from_file(target: Any, key: str, around: Surroundings) -> str:
    path = around.folder / Path(_typed(str, target, key, "a path")).expanduser()
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "A secret cannot be had",
            where=key,
            why=f"{path} cannot be read ({type(error).__name__})",
            fix="check the path and its permissions",
        ) from None


def _from_command(target: Any, key: str, around: Surroundings) -> str:
    words = [str(word) for word in _typed(list, target, key, "a list of words")]
    try:
        done = subprocess.run(  # the operator's own command, as configured
            words,
            check=True,
            capture_output=True,
            text=True,
            timeout=_COMMAND_SECONDS,
            env=dict(around.environ),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(
            "A secret cannot be had",
            where=key,
            why=f"the command failed ({type(error).__name__})",
            fix="run the command by hand",
        ) from None
    return done.stdout


def environment() -> Mapping[str, str]:
    """Return the process's environment, for `Surroundings`; read at entry points only."""
    return os.environ
