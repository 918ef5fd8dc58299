"""Nothing that is called like a token is called by its name."""

from __future__ import annotations

import pytest

from correlate.model import Exposure, Identity, Locator, Medium, Reader, Skip, Touch, Trace
from correlate.secret import Fingerprint
from detectors.engine import Engine
from jobs.kind_files import packaged_kinds
from jobs.scan_names import Redactor, redactor
from tests.jobs.markers import KINDS, key_pair, token

SECRET = token("in a name")
NAMED = f"deploy/{SECRET}.env"


@pytest.fixture(scope="module")
def names() -> Redactor:
    kinds = packaged_kinds()
    return redactor(Engine(kinds), kinds)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "deploy/live.env",
        "variable API_TOKEN",
        "a" * 40,
        "jane@x.example",
        "https://x.example/a",
    ],
)
def test_an_ordinary_name_stays_as_it_is(names: Redactor, name: str) -> None:
    assert names.text(name) == name


def test_a_token_in_a_name_is_blotted_out(names: Redactor) -> None:
    assert names.text(NAMED) == "deploy/[a github_pat_classic].env"
    number, secret = key_pair("in a name")
    assert secret not in names.text(f"AWS_ACCESS_KEY_ID={number} AWS_SECRET_ACCESS_KEY={secret}")


def test_every_name_in_an_exposure_is_looked_at(names: Redactor) -> None:
    place = Locator("repos", "shop", NAMED, f"cell {SECRET}", 3)
    who = Identity("mail", f"{SECRET}@x.example")
    touch, reader = Touch(who, "author", None, SECRET, hint=who), Reader(who, f"as {SECRET}")
    trace = Trace(place, NAMED, (touch,), (reader,), link=f"https://x.example/{SECRET}")
    kind = next(iter(KINDS))
    found = Exposure(Fingerprint("p1", "f" * 64), kind, place, Medium.FILE, trace=trace)
    clean = names.exposure(found)
    assert SECRET in repr(found)
    assert SECRET not in repr(clean)
    assert (clean.locator.line, clean.fingerprint) == (3, found.fingerprint)
    skip = Skip("repos", "shop", NAMED, f"{NAMED} is no JSON")
    assert SECRET not in repr(names.skip(skip))
