"""`python -m sample_data DIR`: build the fictional company in DIR."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sample_data.company import build


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the company in a folder that does not hold one yet."""
    parser = argparse.ArgumentParser(prog="python -m sample_data")
    parser.add_argument("folder", type=Path, help="where to build it")
    folder = parser.parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    build(folder)


if __name__ == "__main__":
    main()
