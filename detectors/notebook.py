"""A notebook taken apart: cell sources and outputs, as the texts a person saw.

https://nbformat.readthedocs.io/en/latest/format_description.html, versions 3 and 4. Texts are
lists of lines or strings; images are left out.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from correlate.model import Medium

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]")
_HEAD = 256
_OUTPUT_TEXTS = ("text", "html", "json", "latex", "javascript", "svg")  # version 3 names
_TOO_DEEP = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a notebook; `name` as in "cell 3 source", "cell 3 output 1"."""

    name: str
    medium: Medium
    text: str


def notebook_parts(data: bytes) -> list[Part] | None:
    """Return a notebook's parts in order, or None where `data` is not a notebook, or one so deep
    that it is better read as the text it is.
    """
    if not data[:_HEAD].lstrip().startswith(b"{") or b'"nbformat"' not in data:
        return None
    try:
        book = json.loads(data)
        cells = _cells(book)
        return None if cells is None else list(_parts(book, cells))
    except (ValueError, RecursionError):
        return None


def _cells(book: Any) -> list[Any] | None:
    if not isinstance(book, dict) or "nbformat" not in book:
        return None
    cells = book.get("cells")
    if cells is None and isinstance(book.get("worksheets"), list):
        sheets = [sheet for sheet in book["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets for cell in _list(sheet.get("cells"))]
    return cells if isinstance(cells, list) else None


def _parts(book: dict[str, Any], cells: list[Any]) -> Iterator[Part]:
    for number, cell in enumerate(cells, 1):
        if isinstance(cell, dict):
            yield from _cell_parts(f"cell {number}", cell)
    rest = {key: value for key, value in book.items() if key not in ("cells", "worksheets")}
    yield from _part("metadata", Medium.NOTEBOOK_SOURCE, _strings(rest))


def _cell_parts(name: str, cell: dict[str, Any]) -> Iterator[Part]:
    source = cell.get("source", cell.get("input"))
    yield from _part(f"{name} source", Medium.NOTEBOOK_SOURCE, _joined(source))
    rest = {key: cell[key] for key in ("metadata", "attachments") if key in cell}
    yield from _part(f"{name} metadata", Medium.NOTEBOOK_SOURCE, _strings(rest))
    for number, output in enumerate(_list(cell.get("outputs")), 1):
        if isinstance(output, dict):
            text = "\n".join(filter(None, _output_texts(output)))
            yield from _part(f"{name} output {number}", Medium.NOTEBOOK_OUTPUT, text)


def _output_texts(output: dict[str, Any]) -> Iterator[str]:
    for key in _OUTPUT_TEXTS:
        if key in output:
            yield _shown(_joined(output[key]), "html" if key == "html" else "")
    for key in ("ename", "evalue"):
        if key in output:
            yield _shown(_joined(output[key]), "")
    yield _shown("\n".join(_joined(line) for line in _list(output.get("traceback"))), "")
    data = output.get("data")
    for mime, value in data.items() if isinstance(data, dict) else ():
        if not mime.startswith("image/") or mime == "image/svg+xml":
            text = _strings(value) if "json" in mime else _joined(value)
            yield _shown(text, mime)


def _shown(text: str, mime: str) -> str:
    """As it stood on the screen: no colours, no HTML entities."""
    text = _ANSI.sub("", text) if "\x1b" in text else text
    return html.unescape(text) if "html" in mime or "svg" in mime else text


def _part(name: str, medium: Medium, text: str) -> Iterator[Part]:
    if text.strip():
        yield Part(name, medium, text)


def _joined(value: Any) -> str:
    """A text, or its list of lines, each of which brings its own line end."""
    if isinstance(value, list):
        return "".join(_joined(item) for item in value)
    return value if isinstance(value, str) else _strings(value)


def _strings(value: Any, depth: int = 0) -> str:
    """Every string of a JSON value with its key, one a line; images are left out."""
    if isinstance(value, str):
        return value
    if depth > _TOO_DEEP:
        raise RecursionError
    if isinstance(value, dict):
        lines = (
            f'{key} = "{item}"' if isinstance(item, str) else _strings(item, depth + 1)
            for key, item in value.items()
            if not key.startswith("image/")
        )
        return "\n".join(line for line in lines if line)
    if isinstance(value, list):
        return "\n".join(filter(None, (_strings(item, depth + 1) for item in value)))
    return ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
