"""A condition on any number of texts, which takes one parameter and is the same statement for all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement


class _Texts(FunctionElement[str]):
    """The texts of a JSON list, as rows."""

    inherit_cache = True
    type = Text()


@compiles(_Texts, "sqlite")
def _by_sqlite(element: _Texts, compiler: SQLCompiler, **given: Any) -> str:
    # https://www.sqlite.org/json1.html#jeach
    told = compiler.process(element.clauses, **given)
    return f"(SELECT value FROM json_each({told}))"  # noqa: S608  # a parameter's place


@compiles(_Texts, "postgresql")
def _by_postgresql(element: _Texts, compiler: SQLCompiler, **given: Any) -> str:
    # https://www.postgresql.org/docs/current/functions-json.html
    told = compiler.process(element.clauses, **given)
    return f"(SELECT json_array_elements_text(CAST({told} AS json)))"


def among(column: ColumnElement[str], texts: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that the column holds one of the texts.

    A list of parameters would make another statement of each number of them, and SQLAlchemy writes
    them out one by one: of a few hundred that takes longer than to find their rows.
    """
    told = bindparam(None, json.dumps(list(texts)), type_=Text())
    return column.op("IN", is_comparison=True)(_Texts(told))
