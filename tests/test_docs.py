"""What the README and the configuration template say is so."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import tomllib
from dataclasses import MISSING, fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jobs.cli.main import cli
from jobs.config import load
from jobs.kind_files import packaged_kinds
from jobs.outcome import Exit
from jobs.wiring import Wiring

HOME = Path(__file__).parent.parent
README = (HOME / "README.md").read_text(encoding="utf-8")
BLOCKS = "".join(re.findall(r"^```$(.*?)^```$", README, re.MULTILINE | re.DOTALL))
USES = [line.split("#")[0].strip() for line in BLOCKS.splitlines() if line.startswith("offkey ")]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (HOME / "Makefile").read_text(), re.MULTILINE))


def find(words: list[str]) -> tuple[click.Command, list[str]]:
    command: click.Command = cli
    while isinstance(command, click.Group) and words and (found := named(command, words[0])):
        command, words = found, words[1:]
    return command, words


def named(group: click.Group, name: str) -> click.Command | None:
    return group.get_command(click.Context(group), name)


@pytest.mark.parametrize("use", USES)
def test_every_command_of_the_readme_is_there_with_its_options(use: str) -> None:
    command, rest = find(shlex.split(use)[1:])
    assert command is not cli
    known = {option for item in command.params for option in item.opts}
    assert {word for word in rest if word.startswith("--")} <= known
    arguments = [word for word in rest if not word.startswith("-")]
    assert len(arguments) <= len(command.params)


def test_every_command_is_in_the_readme() -> None:
    used = {find(shlex.split(use)[1:])[0] for use in USES} | {named(cli, "demo")}
    names = cli.list_commands(click.Context(cli))
    told = {name for name in names if named(cli, name) in used or name in README}
    assert told == set(names)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"make ([a-z-]+)", README)) - {"it"}))
def test_every_make_target_of_the_readme_is_there(target: str) -> None:
    assert target in TARGETS


def test_the_exit_codes_are_those_in_the_readme_and_in_the_help() -> None:
    helped = " ".join(CliRunner().invoke(cli, ["--help"]).output.split())
    for code in Exit:
        assert re.search(rf"\b{int(code)} \w", README), code
        assert re.search(rf"\b{int(code)} \w", helped), code


def walk(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        return [path]
    inner = [walk(item, (*path, name)) for name, item in command.commands.items()]
    return [path, *(leaf for group in inner for leaf in group)]


@pytest.mark.parametrize("path", walk(cli), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(cli, [*path, "--help"])
    assert shown.exit_code == 0
    command, _ = find(list(path))
    assert command.help
    assert all(item.help for item in command.params if isinstance(item, click.Option))


def test_a_fresh_configuration_is_a_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(cli, ["config", "init"], standalone_mode=False)
    assert made.exception is None
    config = load(tmp_path / "offkey.toml", {})
    assert len(config.pepper().reveal()) >= 32
    wiring = Wiring(config, packaged_kinds())
    assert (len(wiring.sources()), len(wiring.issuers())) == (1, 2)
    assert (tmp_path / "offkey.pepper").stat().st_mode & 0o077 == 0


def settings_of(feed: str) -> set[str]:
    module = importlib.import_module(f"connectors.people_{feed}")
    return {spec.name for spec in fields(module.Settings)}


def test_every_people_feed_is_in_the_readme_with_settings_that_it_has() -> None:
    rows = re.findall(r"^\| `(?!type)(\w+)` \| [^|]* \| ([^|]*) \|", README, re.MULTILINE)
    told = {feed: set(re.findall("`([a-z_]+)`", keys)) for feed, keys in rows}
    files = (HOME / "connectors").glob("people_*.py")
    assert set(told) == {file.stem.removeprefix("people_") for file in files}
    for feed, keys in told.items():
        module = importlib.import_module(f"connectors.people_{feed}")
        needed = {
            spec.name
            for spec in fields(module.Settings)
            if spec.default is MISSING and spec.default_factory is MISSING
        }
        assert needed <= keys <= settings_of(feed), feed


def test_the_people_feeds_that_the_readme_spells_out_are_right() -> None:
    blocks = re.findall(r"^```toml$(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    told = [feed for block in blocks for feed in tomllib.loads(block).get("people", ())]
    assert {feed["type"] for feed in told} == {"sftp", "json", "ldap"}
    for feed in told:
        assert set(feed) - {"type", "name"} <= settings_of(feed["type"])


def test_the_commented_examples_of_the_template_are_right_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = (HOME / "jobs" / "templates" / "offkey.toml").read_text(encoding="utf-8")
    public = Ed25519PrivateKey.generate().public_key()
    host_key = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    template = template.replace("ssh-ed25519 AAAA...", host_key)
    lines = template.replace("@PEPPER@", "pepper").splitlines()
    written = [re.sub(r"^# (?=\[\[|[a-z_]+ = )", "", line) for line in lines]
    (tmp_path / "offkey.toml").write_text("\n".join(written), encoding="utf-8")
    (tmp_path / "pepper").write_text("k" * 64, encoding="utf-8")
    for name in ("ldap.password", "adp.crt", "adp.key"):
        (tmp_path / name).write_text("p", encoding="utf-8")
    for name in re.findall(r'env = "([A-Z_]+)"', "\n".join(written)):
        monkeypatch.setenv(name, "t" * 32)
    config = load(tmp_path / "offkey.toml", os.environ)
    wiring = Wiring(config, packaged_kinds())
    for item in config.connectors:
        wiring.connector(item)
    roles = {item.role for item in config.connectors}
    assert roles == {"source", "people", "issuer", "inventory", "tickets", "outlet"}
    files = (HOME / "connectors").glob("people_*.py")
    shown = {item.type for item in config.of("people")} | {"ldif"}
    assert shown == {file.stem.removeprefix("people_") for file in files}
