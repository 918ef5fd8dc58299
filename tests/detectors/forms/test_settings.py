from __future__ import annotations

import pytest

from detectors.forms.settings import CONNECTION, JDBC

WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (f"Server=db.corp;Database=app;User Id=svc;Password={WORD};", f"svc:{WORD}@db.corp"),
        (f"data source=db.corp ; uid=svc; PWD='{WORD}'", f"svc:{WORD}@db.corp"),
        (
            f"Driver={{ODBC 18}};Server=db.corp,1433;UID=svc;PWD={{{WORD}}}",
            f"svc:{WORD}@db.corp,1433",
        ),
        (f"Host=db.corp;Username=svc;Password={WORD}==", f"svc:{WORD}%3D%3D@db.corp"),
        (f"Server=db.corp;Port=6432;Uid=svc;Pwd={WORD}", f"svc:{WORD}@db.corp:6432"),
        (f"Server=db.corp,1433;Port=6432;Uid=svc;Pwd={WORD}", f"svc:{WORD}@db.corp,1433"),
    ],
)
def test_a_connection_string_is_read_however_it_names_things(text: str, spelled: str) -> None:
    assert CONNECTION.spelling(text) == f"login://{spelled}"


@pytest.mark.parametrize("text", ["Server=db.corp;User Id=svc;", f"Mode=x;Password={WORD}", ""])
def test_one_without_a_server_or_a_password_is_none(text: str) -> None:
    assert not CONNECTION.holds(text)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (
            f"jdbc:postgresql://db.corp:5432/app?user=svc&password={WORD}%21",
            f"svc:{WORD}%21@db.corp:5432",
        ),
        (
            f"jdbc:mysql://db.corp/app?ssl=true&amp;user=svc&amp;password={WORD}",
            f"svc:{WORD}@db.corp",
        ),
        (
            f"jdbc:sqlserver://db.corp:1433;databaseName=app;user=svc;password={WORD};",
            f"svc:{WORD}@db.corp:1433",
        ),
        (f"jdbc:oracle:thin:svc/{WORD}@db.corp:1521/app", f"svc:{WORD}@db.corp:1521/app"),
        (f"jdbc:oracle:thin:svc/{WORD}@//db.corp:1521/app", f"svc:{WORD}@db.corp:1521/app"),
    ],
)
def test_a_jdbc_url_is_read_as_its_driver_reads_it(text: str, spelled: str) -> None:
    assert JDBC.spelling(text) == f"login://{spelled}"


@pytest.mark.parametrize(
    "text", ["jdbc:postgresql://db.corp/app?user=svc", "jdbc:oracle:thin:@db.corp"]
)
def test_a_jdbc_url_without_a_password_is_none(text: str) -> None:
    assert not JDBC.holds(text)
