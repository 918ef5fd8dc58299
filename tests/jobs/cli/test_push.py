"""The door as commands see it."""

from __future__ import annotations

from typing import Any

import pytest

from correlate.errors import ConfigError
from jobs.cli.context import App
from jobs.cli.main import invoke
from jobs.cli.push import door, web
from jobs.config import load
from tests.jobs.cli.pushing import with_sender
from tests.jobs.town import Town
from tests.jobs.web.signing import new_key


def test_an_address_without_senders_is_refused(town: Town) -> None:
    assert invoke(["--config", str(town.config), "serve", "--listen", "0"]) == 2


def test_senders_without_an_address_are_pointed_out(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    with_sender(town, new_key().reveal())
    app = App(town.config, quiet=False)
    with door(app, load(town.config, {}), "")(lambda _name, _events: None):
        assert "--listen" in capsys.readouterr().err


@pytest.mark.parametrize(("key", "code", "word"), [(True, 0, "ok"), (False, 2, "bad")])
def test_the_check_of_the_configuration_and_the_doctor_look_at_senders_too(
    town: Town, capsys: pytest.CaptureFixture[str], key: bool, code: int, word: str
) -> None:
    text = new_key().reveal() if key else "no key"
    with_sender(town, text)
    assert invoke(["--config", str(town.config), "config", "check"]) == code
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "push[1]" in one]
    assert line.startswith(word)
    invoke(["--config", str(town.config), "doctor"])
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "push hr" in one]
    assert line.startswith(word)


def test_a_missing_library_is_named_with_its_extra() -> None:
    def load_without(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    assert web("seen").Seen
    with pytest.raises(ConfigError) as caught:
        web("server", load_without)
    assert "offkey[web]" in caught.value.fix
