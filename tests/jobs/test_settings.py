"""From a table to typed settings; every refusal names the full key, and no secret."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.settings import Surroundings, build


@dataclass(frozen=True, slots=True)
class Example:
    url: str
    token: Secret
    path: Path = Path("here")
    names: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    size: int = 1
    share: float = 0.5
    strict: bool = False
    extra: Secret | None = None
    note: str | None = None


FULL = {"url": "https://x.example", "token": {"env": "TOKEN"}}


def read(folder: Path, **more: Any) -> Example:
    around = Surroundings(folder, {"TOKEN": "from-outside\n", "BLANK": " "})
    return build(Example, {**FULL, **more}, "sources[1]", around)


def test_what_is_not_said_keeps_its_default(tmp_path: Path) -> None:
    made = read(tmp_path)
    assert (made.url, made.path, made.names, made.extra) == (
        "https://x.example",
        Path("here"),
        (),
        None,
    )
    assert made.token.reveal() == "from-outside"


def test_each_type_is_read_as_it_is_meant(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-a-file\n")
    command = [sys.executable, "-c", "print('from-a-command')"]
    made = read(
        tmp_path,
        path="data/list",
        names=["a", "b"],
        hosts={"npm": "https://npm.example"},
        size=3,
        share=1,
        strict=True,
        token={"file": "secret"},
        extra={"cmd": command},
        note="x",
    )
    assert made.path == tmp_path / "data" / "list"
    assert (made.names, made.size, made.share, made.strict) == (("a", "b"), 3, 1.0, True)
    assert made.hosts == {"npm": "https://npm.example"}
    assert made.token.reveal() == "from-a-file"
    assert made.extra is not None
    assert made.extra.reveal() == "from-a-command"


@pytest.mark.parametrize(
    ("table", "where", "hint"),
    [
        ({"ulr": "x"}, "sources[1].ulr", "did you mean `url`?"),
        ({"zzz": "x"}, "sources[1].zzz", "known: "),
        ({"url": 3}, "sources[1].url", "a text"),
        ({"size": "3"}, "sources[1].size", "a whole number"),
        ({"size": True}, "sources[1].size", "write int"),
        ({"share": "half"}, "sources[1].share", "float"),
        ({"strict": 1}, "sources[1].strict", "bool"),
        ({"names": "a"}, "sources[1].names", "a list of texts"),
        ({"names": [1]}, "sources[1].names", "a list of texts"),
        ({"hosts": ["a"]}, "sources[1].hosts", "a table of texts"),
        ({"hosts": {"npm": 1}}, "sources[1].hosts.npm", "a text"),
        ({"path": 1}, "sources[1].path", "a path"),
        ({"token": "plain-text"}, "sources[1].token", "{env = "),
        ({"token": {"env": "A", "file": "b"}}, "sources[1].token", "{env = "),
        ({"token": {"plain-text": "x"}}, "sources[1].token", "{env = "),
        ({"token": {"env": "UNSET"}}, "sources[1].token", "export UNSET"),
        ({"token": {"env": "BLANK"}}, "sources[1].token", "fill the env"),
        ({"token": {"env": 1}}, "sources[1].token", "the name of a variable"),
        ({"token": {"file": "nowhere"}}, "sources[1].token", "permissions"),
        ({"token": {"cmd": ["false"]}}, "sources[1].token", "by hand"),
        ({"token": {"cmd": "false"}}, "sources[1].token", "a list of words"),
        ({"token": {"cmd": ["no-such-program"]}}, "sources[1].token", "by hand"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(
    tmp_path: Path, table: dict[str, Any], where: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, **table)
    assert caught.value.where == where
    assert hint in caught.value.fix
    assert "plain-text" not in str(caught.value)


def test_a_missing_setting_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Example, {"url": "x"}, "sources[1]", Surroundings(tmp_path, {}))
    assert (caught.value.where, caught.value.fix) == ("sources[1].token", "add `token`")
