"""A person's requests at the command line: to see what is held on them, and to be forgotten."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.jobs.cli.conftest import Desk
from tests.jobs.gone import MAIL, WORDS, scene

WORDED = ("--reason", "asked to be", "--as", "dpo@fennelandrye.example")


def test_what_is_held_is_written_as_json_for_its_owner_only(desk: Desk, tmp_path: Path) -> None:
    made = json.loads(desk.run("people", "export", "100109").out)
    assert made["person"]["name"] == "Dana Whitfield"
    assert made["cases"][0]["tickets"]
    target = tmp_path / "dana.json"
    assert desk.run("people", "export", "100109", "--output", str(target)).code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["cases"] == made["cases"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_who_is_listed_still_is_not_forgotten(desk: Desk) -> None:
    looked = desk.run("people", "forget", "100109", *WORDED)
    assert looked.code == 1
    assert "in the way: listed still by directory, personnel" in looked.out
    done = desk.run("people", "forget", "100109", "--yes", *WORDED)
    assert (done.code, "Nobody is forgotten" in done.err) == (2, True)
    assert desk.run("people", "forget", "100109", "--as", "x").code == 2


def test_who_is_forgotten_is_known_no_more(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pepper").write_text("x" * 40, encoding="utf-8")
    (tmp_path / "offkey.toml").write_text(
        '[organisation]\npepper = { file = "pepper" }\nstate = "state"\n', encoding="utf-8"
    )
    scene(tmp_path / "state").close()
    desk = Desk(tmp_path, capsys)
    looked = desk.run("people", "forget", MAIL, *WORDED)
    assert (looked.code, looked.lines[0]) == (0, "cases that lose their person: 1")
    assert "nothing was changed" in looked.err
    named = desk.run("people", "forget", MAIL, "--yes", "--reason", "Zita Quist asked", *WORDED[2:])
    assert (named.code, "names them" in named.err) == (2, True)
    assert "Zita Quist" in desk.run("people", "explain", MAIL).lines[0]
    done = desk.run("people", "forget", MAIL, "--yes", *WORDED)
    assert (done.code, "forgotten" in done.err, "deleted rows" in done.err) == (0, True, False)
    assert "nobody's that we know" in desk.run("people", "explain", MAIL).lines[0]
    left = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert not {word for word in WORDS if word.encode() in left}
