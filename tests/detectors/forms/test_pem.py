from __future__ import annotations

import json

import pytest

from correlate.kind import Kind
from detectors.engine import Engine
from detectors.forms.pem import PEM, PGP
from detectors.mint import mint
from tests.detectors.looking import look


@pytest.mark.parametrize("name", ["private_key_pem", "private_key_openssh"])
def test_a_key_is_the_same_key_however_it_is_written(
    engine: Engine, kinds: dict[str, Kind], name: str
) -> None:
    pem = mint(kinds[name], "a")
    spellings = [
        pem,
        pem.replace("\n", "\r\n"),
        json.dumps({"key": pem}),
        "\n".join("    " + line for line in pem.splitlines()),
        "\n".join(f'  "{line}\\n" +' for line in pem.splitlines()),
    ]
    secrets = [[f.secret.reveal() for f in look(engine, text)] for text in spellings]
    assert secrets == [secrets[0]] * len(spellings)
    assert secrets[0] == [pem]


def test_an_encrypted_key_keeps_its_header(kinds: dict[str, Kind], engine: Engine) -> None:
    head, *body = mint(kinds["private_key_pem"], "a").splitlines()
    pem = "\n".join([head, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", "", *body])
    (found,) = look(engine, pem)
    assert found.secret.reveal() == pem


def test_a_heading_is_no_key(kinds: dict[str, Kind]) -> None:
    head, *_, tail = mint(kinds["private_key_pem"], "a").splitlines()
    assert not PEM.holds(f"{head}\n... the key stands here ...\n{tail}")
    assert PEM.holds(mint(kinds["private_key_pem"], "a"))


@pytest.mark.parametrize(
    "joint", ["' . '", '" + "', '"+"', "\\\n", '" +\n    "', '" \\\n  "', '"\n  . "']
)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_an_openpgp_key_in_two_pieces_is_the_same_key(
    kinds: dict[str, Kind], joint: str, share: float
) -> None:
    armour = mint(kinds["private_key_pgp"], "a")
    cut = int(len(armour) * share)
    assert PGP.spelling(armour[:cut] + joint + armour[cut:]) == armour
    assert PGP.spelling(armour) == armour
