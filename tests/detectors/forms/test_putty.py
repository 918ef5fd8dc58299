from __future__ import annotations

import base64
import hashlib

from correlate.kind import Kind
from detectors.engine import Engine
from detectors.forms.putty import PUTTY
from detectors.mint import mint
from tests.detectors.looking import look


def test_a_key_tells_its_sort_and_its_public_halfs_fingerprint(kinds: dict[str, Kind]) -> None:
    text = mint(kinds["private_key_putty"], "a")
    lines = text.splitlines()
    digest = hashlib.sha256(base64.b64decode(lines[4] + lines[5])).digest()
    assert PUTTY.facts(text) == {
        "key_type": "ssh-ed25519",
        "comment": lines[2].removeprefix("Comment: "),
        "encrypted": "no",
        "fingerprint": "SHA256:" + base64.b64encode(digest).decode().rstrip("="),
    }
    assert PUTTY.facts(text.replace("none", "aes256-cbc"))["encrypted"] == "yes"


def test_it_is_the_same_however_its_lines_end(engine: Engine, kinds: dict[str, Kind]) -> None:
    text = mint(kinds["private_key_putty"], "a")
    for end in ("\n", "\r\n", "\\n", "\\r\\n", "\n    "):
        assert [f.secret.reveal() for f in look(engine, text.replace("\n", end))] == [text]


def test_one_without_its_private_half_is_none(kinds: dict[str, Kind]) -> None:
    text = mint(kinds["private_key_putty"], "a")
    assert PUTTY.holds(text)
    assert not PUTTY.holds(text.partition("Private-Lines")[0])
