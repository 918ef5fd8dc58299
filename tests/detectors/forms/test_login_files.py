from __future__ import annotations

import base64

import pytest

from detectors.forms.form import Form
from detectors.forms.login_files import NETRC, NPMRC, PGPASS, PYPIRC

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("form", "text", "spelled"),
    [
        (NETRC, f"machine git.corp login svc password {WORD}", f"svc:{WORD}@git.corp"),
        (NETRC, f"machine git.corp\n  login svc\n  password {WORD}", f"svc:{WORD}@git.corp"),
        (PGPASS, f"db.corp:5432:app:svc:{WORD}", f"svc:{WORD}@db.corp:5432:app"),
        (PGPASS, f"db.corp:*:app:svc:{WORD}\\:\\\\", f"svc:{WORD}%3A%5C@db.corp:*:app"),
        (NPMRC, f"//npm.corp/x/:_authToken={WORD}", f":{WORD}@npm.corp/x"),
        (NPMRC, f'//npm.corp/:_auth = "{b64("svc:" + WORD)}', f"svc:{WORD}@npm.corp"),
        (NPMRC, f"//npm.corp/:_password={b64(WORD)}", f":{WORD}@npm.corp"),
        (
            PYPIRC,
            f"repository: https://pypi.corp/simple\nusername: svc\npassword: {WORD}",
            f"svc:{WORD}@pypi.corp/simple",
        ),
    ],
)
def test_a_login_is_read_out_of_its_file(form: Form, text: str, spelled: str) -> None:
    assert form.spelling(text) == f"login://{spelled}"
    assert form.holds(text)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (NETRC, "machine git.corp login svc"),
        (PGPASS, "db.corp:5432:app:svc"),
        (NPMRC, "//npm.corp/:_auth=no-base64!"),
        (NPMRC, "always-auth=true"),
        (PYPIRC, "username: svc\npassword: x"),
    ],
)
def test_what_holds_no_login_is_none(form: Form, text: str) -> None:
    assert not form.holds(text)
