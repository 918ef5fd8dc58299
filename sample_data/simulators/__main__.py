"""`python -m sample_data.simulators --company DIR --ports-file FILE`: all vendors until TERM."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from sample_data.company import load
from sample_data.simulators.run import running


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the vendors of the company in DIR; FILE appears, whole, once all of them listen.

    FILE maps vendor names (and "control") to addresses. TERM or INT ends the process.
    """
    parser = argparse.ArgumentParser(prog="python -m sample_data.simulators")
    parser.add_argument("--company", type=Path, required=True, help="a folder that was built")
    parser.add_argument("--ports-file", type=Path, required=True, help="where to write addresses")
    chosen = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with running(load(chosen.company).world()) as endpoints:
        part = chosen.ports_file.with_suffix(".part")
        part.write_text(json.dumps(dict(endpoints.urls), indent=1), encoding="utf-8")
        part.replace(chosen.ports_file)
        ended.wait()


if __name__ == "__main__":
    main()
