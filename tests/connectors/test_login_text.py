from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.login_text import read_login

HOST = ("db.example", 1)


@pytest.mark.parametrize(
    ("text", "servers", "user", "database", "options"),
    [
        ("redis://:p@db.example", (HOST,), "", "", ""),
        ("x://jane:p@DB.example/", (HOST,), "jane", "", ""),
        ("x://jane:p@db.example:5/app?a=b&c", (("db.example", 5),), "jane", "app", "a=b&c"),
        ("x://jane:p@db.example?a=b", (HOST,), "jane", "", "a=b"),
        ("x://ja%40ne:p@db.example/a%2Fb", (HOST,), "ja@ne", "a/b", ""),
        ("login://jane:p@db.example:5432:app", (("db.example", 5432),), "jane", "app", ""),
        ("login://jane:p@db.example:5432:*", (("db.example", 5432),), "jane", "*", ""),
        ("x://jane:p@a:1,b,c:3/app", (("a", 1), ("b", 1), ("c", 3)), "jane", "app", ""),
        ("x://jane:p@[::1]:7/app", (("::1", 7),), "jane", "app", ""),
        ("x://jane:p@[::1]", (("::1", 1),), "jane", "", ""),
    ],
)
def test_a_login_is_read(
    text: str, servers: object, user: str, database: str, options: str
) -> None:
    login = read_login(text, 1)
    assert (login.servers, login.user, login.database, login.options) == (
        servers,
        user,
        database,
        options,
    )
    assert login.password.reveal() == "p"


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "x://", "x://jane@db.example", "x://jane:@db.example", "x://jane:p@", "x://jane:p@:5",
        "x://jane:p@db.example:*:app", "x://jane:p@db.example:0", "x://jane:p@db.example:70000",
        "x://jane:p@a,,b", "x://jane:p@db example", "x://jane:%ff@db.example", "x://jane:a%00@db.example",
        "x://jane:p@db.example:app", "x://jane:p@db.example:123456", "x://jane:p@a,b:1:2:app",
    ],
)  # fmt: skip
def test_what_is_no_one_login_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the "):
        read_login(text, 1)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_is_read_or_refused_without_telling_it(user: str, password: str) -> None:
    secret = f"mark{password}"
    try:
        login = read_login(f"x://{user}:{secret}@db.example", 1)
    except ValueError as error:
        assert "mark" not in str(error)  # noqa: PT017  # what is refused differs with the text
    else:
        assert "mark" not in repr(login)
