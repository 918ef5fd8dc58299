from __future__ import annotations

import json
from typing import Any

import pytest

from correlate.model import Medium
from detectors.notebook import Part, notebook_parts


def parts(book: dict[str, Any]) -> dict[str, str]:
    found = notebook_parts(json.dumps(book).encode())
    assert found is not None
    return {part.name: part.text for part in found}


def cell(**fields: Any) -> dict[str, Any]:
    return {"nbformat": 4, "cells": [{"cell_type": "code", "source": [], **fields}]}


def output(**fields: Any) -> str:
    return parts(cell(outputs=[fields])).get("cell 1 output 1", "")


def test_source_lines_are_joined_and_cells_counted_from_one() -> None:
    book = {"nbformat": 4, "cells": [{"source": "first"}, {"source": ["a\n", "b"]}]}
    assert parts(book) == {"cell 1 source": "first", "cell 2 source": "a\nb"}


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"output_type": "stream", "text": ["a", "b"]}, "ab"),
        ({"output_type": "stream", "text": "a"}, "a"),
        ({"output_type": "error", "evalue": "bad", "traceback": ["\x1b[0;31mx\x1b[0m"]}, "bad\nx"),
        ({"output_type": "display_data", "data": {"text/plain": ["p"]}}, "p"),
        ({"data": {"text/html": "<b>a&amp;b=&#x27;c</b>"}}, "<b>a&b='c</b>"),
        ({"data": {"application/json": {"key": "v", "n": [1, "w"]}}}, 'key = "v"\nw'),
        ({"data": {"image/png": "QUJD"}}, ""),
        ({"data": {"image/svg+xml": ["<text>s</text>"]}}, "<text>s</text>"),
    ],
)
def test_an_output_is_the_text_a_person_saw(fields: dict[str, Any], text: str) -> None:
    assert output(**fields).strip() == text


def test_colours_do_not_cut_a_token_in_two() -> None:
    assert "tok_abcdef" in output(output_type="stream", text="tok_\x1b[31mabc\x1b[0mdef")


def test_metadata_and_attachments_are_looked_at_and_images_are_not() -> None:
    book = cell(
        metadata={"env": {"API_KEY": "v"}},
        attachments={"a.png": {"image/png": "QUJD", "text/plain": "t"}},
    )
    assert parts(book | {"metadata": {"kernel": "k"}}) == {
        "cell 1 metadata": 'API_KEY = "v"\ntext/plain = "t"',
        "metadata": 'kernel = "k"',
    }


def test_version_3_is_read_too() -> None:
    book = {
        "nbformat": 3,
        "worksheets": [{"cells": [{"input": ["x"], "outputs": [{"html": "a&lt;b", "png": "Q"}]}]}],
    }
    assert parts(book) == {"cell 1 source": "x", "cell 1 output 1": "a<b"}


def test_media_tell_source_from_output() -> None:
    found = notebook_parts(json.dumps(cell(source="a", outputs=[{"text": "b"}])).encode())
    assert found == [
        Part("cell 1 source", Medium.NOTEBOOK_SOURCE, "a"),
        Part("cell 1 output 1", Medium.NOTEBOOK_OUTPUT, "b"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain",
        b'{"cells": []}',
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": 3}',
        b'["nbformat"]',
        b'{"nbformat": 4, "cells": [',
        b'{"nbformat": 4, "cells": ' + b"[" * 50_000,
        b'\xff{"nbformat": 4, "cells": []}',
    ],
)
def test_what_is_no_notebook_is_left_alone(data: bytes) -> None:
    assert notebook_parts(data) is None


@pytest.mark.parametrize("odd", [None, 3, [], [3], {"a": 1}, [[["x"]]]])
def test_odd_values_do_no_harm(odd: Any) -> None:
    book = cell(source=odd, outputs=odd, metadata=odd)
    assert notebook_parts(json.dumps(book).encode()) is not None
    assert (
        notebook_parts(json.dumps(cell(outputs=[{"text": odd, "data": odd}])).encode()) is not None
    )
