"""A signed event makes a new leaver's case appear, without waiting for the schedule."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import IO

from tests.jobs.cli.pushing import with_sender
from tests.jobs.test_duties import ERIK, _left
from tests.jobs.town import Town
from tests.jobs.web.signing import new_key, webhook

BODY = b'{"type": "employee.left", "data": {"name": "Erik Nobody", "id": "100150"}}'


@contextmanager
def serving(config: Path) -> Iterator[tuple[int, IO[str]]]:
    """Run `offkey serve`; yield its port, and what it says."""
    words = ["--debug", "--config", str(config), "serve", "--listen", "0"]
    code = f"import sys; from jobs.cli.main import invoke; sys.exit(invoke({words!r}))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, cwd=config.parent
    ) as running:
        assert running.stderr is not None
        try:
            told = _until(running.stderr, "taking events at 127.0.0.1 port ")
            _until(running.stderr, "serving: nightly")
            yield int(told.split(" port ")[1].split(",")[0]), running.stderr
        finally:
            running.terminate()
        assert running.wait(60) == 0


def _until(said: IO[str], text: str) -> str:
    for line in said:
        if text in line:
            return line
    raise AssertionError(f"it ended without saying {text!r}")


def _post(port: int, headers: dict[str, str]) -> int:
    line = HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("POST", "/push/hr", BODY, headers)
    status = line.getresponse().status
    line.close()
    return status


def test_a_signed_event_makes_a_leavers_case_appear_at_once(town: Town) -> None:
    key = new_key()
    with_sender(town, key.reveal())
    assert town.row(ERIK).kind == "F5"
    town.company.personnel.write_bytes(_left("100150", town.company.personnel.read_bytes()))
    with serving(town.config) as (port, said):
        assert _post(port, webhook(new_key(), BODY, "forged", datetime.now(UTC))) == 401
        headers = webhook(key, BODY, "msg_1", datetime.now(UTC))
        assert [_post(port, headers) for _ in range(3)] == [200] * 3
        ended = _until(said, "job='push'")
        assert "job ended" in ended
        assert "result='0'" not in ended
    assert town.row(ERIK).kind == "F2"
    pushed = [json.loads(text) for text in town.ledger() if '"what":"push"' in text]
    assert [(one["subject"], one["data"]) for one in pushed] == [
        ("hr", {"events": {"employee.left": 1}})
    ]
    assert not any("Erik Nobody" in text for text in town.ledger())
