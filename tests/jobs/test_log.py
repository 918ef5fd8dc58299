"""Our events are logged on standard error: warnings always, the rest on demand."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from jobs.log import configure, logger


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
    logging.getLogger("offkey").setLevel(logging.NOTSET)


@pytest.mark.parametrize("debug", [True, False])
def test_stages_are_logged_on_demand_and_warnings_always(
    capsys: pytest.CaptureFixture[str], *, debug: bool
) -> None:
    configure(debug=debug)
    logger().debug("stage", name="people")
    logger().warning("events refused", sender="okta")
    said = capsys.readouterr()
    assert said.out == ""
    assert ("event='stage' name='people'" in said.err) == debug
    assert "level='warning' event='events refused' sender='okta'" in said.err


def test_libraries_stay_at_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    configure(debug=True)
    logging.getLogger("urllib3").debug("GET /?token=x")
    assert "token" not in capsys.readouterr().err
