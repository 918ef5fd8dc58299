"""detect-secrets' custom plug-ins (https://github.com/Yelp/detect-secrets/blob/master/docs/plugins.md).

A plug-in is Python, and whoever loads it runs it: `jobs.pack_files` does so only for a file that
the operator names. What is taken from it is data: each pattern of its `denylist` becomes one kind.
Its own code is never asked about a candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from correlate.kind import Kind
from detectors.packs.dialect import Flavour
from detectors.packs.pack import NotTaken, Pack, Refusal, Remark, bounded, kind_id, pattern_of

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_PATTERNS_ONLY = "only its patterns are used, not its own code"
_OWN_CODE = ("analyze_line", "analyze_string", "verify")


def is_plugin(value: object) -> bool:
    """Whether a module's value is a plug-in: a class that says its `secret_type`."""
    return isinstance(value, type) and isinstance(getattr(value, "secret_type", None), str)


def read(classes: Iterable[type], name: str, source: str) -> Pack:
    """Return a kind for each pattern of the plug-ins, and each that is not taken with its reason."""
    kinds: list[Kind] = []
    refused: list[Refusal] = []
    remarks: list[Remark] = []
    for plugin in classes:
        label = bounded(getattr(plugin, "secret_type", ""))
        try:
            patterns = list(_denylist(plugin))
        except NotTaken as error:
            refused.append(Refusal(label, str(error)))
            continue
        for pattern in patterns:
            try:
                kinds.append(_kind(pattern, label, name, source))
            except NotTaken as error:
                refused.append(Refusal(label, str(error)))
        if any(word in vars(plugin) for word in _OWN_CODE):
            remarks.append(Remark(label, _PATTERNS_ONLY))
    return Pack(name, tuple(kinds), tuple(refused), tuple(remarks))


def _denylist(plugin: type) -> Iterator[Any]:
    """The plug-in's patterns. Runs its code: it may be a property, and may want an instance."""
    try:
        held = getattr(plugin, "denylist", None)
        patterns = list(plugin().denylist) if isinstance(held, property) else list(held or ())
    except Exception as error:  # noqa: BLE001  # whatever a stranger's code raises
        raise NotTaken(f"its denylist cannot be had: {type(error).__name__}") from None
    if not patterns:
        raise NotTaken("it has no denylist of patterns, and its own code is not run")
    yield from patterns


def _kind(pattern: Any, label: str, pack: str, source: str) -> Kind:
    if not isinstance(pattern, re.Pattern) or not isinstance(pattern.pattern, str):
        raise NotTaken("its denylist holds something else than compiled patterns of text")
    # detect-secrets shows a plug-in one line at a time
    flags = "m" + "".join(letter for letter, flag in _FLAGS.items() if pattern.flags & flag)
    made = pattern_of(pattern.pattern, Flavour.PYTHON, flags)
    return Kind(
        id=kind_id(pack, label),
        issuer=pack,
        name=label,
        pattern=made.pattern,
        anchors=(),
        source=source,
        example="",
        pack=pack,
        secret_group=0,
    )
