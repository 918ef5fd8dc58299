"""A notebook's text in nbformat 4.5, as Jupyter writes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any


def notebook(source: Sequence[str], output: str = "", heading: str = "Notes") -> str:
    """Return a notebook with a heading, one code cell of these lines, and what it printed."""
    printed: list[dict[str, Any]] = []
    if output:
        printed.append({"name": "stdout", "output_type": "stream", "text": [output]})
    cells: list[dict[str, Any]] = [
        {"cell_type": "markdown", "id": "a1", "metadata": {}, "source": [f"# {heading}\n"]},
        {
            "cell_type": "code",
            "execution_count": 1,
            "id": "a2",
            "metadata": {},
            "outputs": printed,
            "source": list(source),
        },
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
