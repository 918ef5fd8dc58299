"""However a file spells a login, what is found in it reaches the issuer that can ask about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from connectors.login_text import read_login
from correlate.kind import Kind
from detectors.engine import Engine
from jobs.kind_files import packaged_kinds
from tests.detectors.looking import look

KINDS = packaged_kinds()
WORD = "kD8mQ2" + "vX5pLw9z"  # apart, so that a scan of this repository finds nothing


@dataclass(frozen=True, slots=True)
class Spelled:
    text: str
    via: str
    host: str
    port: int
    user: str = "svc"
    database: str = ""
    password: str = field(default=WORD)


SPELLINGS = [
    Spelled(f"URL=postgresql://svc:{WORD}@db.corp/app?sslmode=require", "postgres_login", "db.corp", 0, database="app"),
    Spelled(f"jdbc:postgresql://db.corp:6432/app?user=svc&password={WORD}%21", "postgres_login", "db.corp", 6432, password=f"{WORD}!"),
    Spelled(f"db.corp:5433:app:svc:{WORD}\\:", "postgres_login", "db.corp", 5433, database="app", password=f"{WORD}:"),
    Spelled(f"Driver={{PostgreSQL Unicode}};Server=db.corp;Port=6432;Database=app;Uid=svc;Pwd={WORD};", "postgres_login", "db.corp", 6432),
    Spelled(f"mysql+pymysql://svc:{WORD}@db.corp:3307/app?charset=utf8", "mysql_login", "db.corp", 3307, database="app"),
    Spelled(f"jdbc:mysql://db.corp/app?user=svc&amp;password={WORD}", "mysql_login", "db.corp", 0),
    Spelled(f"jdbc:mariadb://db.corp:3306/app?user=svc&password={WORD}", "mysql_login", "db.corp", 3306),
    Spelled(f"Driver={{MySQL ODBC 9.1 Unicode Driver}};Server=db.corp;Database=app;User=svc;Password={WORD};Option=3", "mysql_login", "db.corp", 0),
    Spelled(f"driver = {{MariaDB ODBC 3.2 Driver}}; server=db.corp; port=3308; uid=svc; pwd={WORD}", "mysql_login", "db.corp", 3308),
    Spelled(f'"rediss://:{WORD}@cache.corp:6380/1"', "redis_login", "cache.corp", 6380, user="", database="1"),
    Spelled(f'"mongodb://svc:{WORD}@a.corp:27018/app?retryWrites=true&authSource=admin"', "mongodb_login", "a.corp", 27018, database="app"),
]  # fmt: skip


def found_in(engine: Engine, text: str) -> list[tuple[Kind, str]]:
    kinds = {kind.id: kind for kind in KINDS}
    return [(kinds[one.kind], one.secret.reveal()) for one in look(engine, text)]


@pytest.mark.parametrize("spelled", SPELLINGS, ids=lambda spelled: spelled.text[:24])
def test_a_login_is_asked_about_however_it_is_spelled(engine: Engine, spelled: Spelled) -> None:
    [(kind, text)] = found_in(engine, f"{spelled.text}\n")
    assert kind.verification is not None
    assert kind.verification.via == spelled.via
    login = read_login(text, 1)
    assert login.servers == ((spelled.host, spelled.port or 1),)
    assert (login.user, login.database) == (spelled.user, spelled.database)
    assert login.password.reveal() == spelled.password


@pytest.mark.parametrize(
    "text",
    [
        f"jdbc:sqlserver://db.corp:1433;user=svc;password={WORD};",
        f"jdbc:mysql:loadbalance://a.corp,b.corp/app?user=svc&password={WORD}",
        f"Server=db.corp,1433;Database=app;User Id=svc;Password={WORD};",
        f"Driver={{ODBC Driver 18 for SQL Server}};Server=db.corp;UID=svc;PWD={WORD};",
    ],
)
def test_a_login_of_another_database_goes_to_none_of_these(engine: Engine, text: str) -> None:
    [(kind, _)] = found_in(engine, f"{text}\n")
    assert kind.verification is None


def test_the_option_that_says_where_a_user_is_kept_is_found_with_the_login(engine: Engine) -> None:
    text = f'"mongodb://svc:{WORD}@a.corp/app?w=1\\u0026authSource=admin\\u0026ssl=true"'
    [(_, found)] = found_in(engine, text)
    assert read_login(found, 1).options == "authSource=admin"


@pytest.mark.parametrize("text", [f"db.corp:*:app:svc:{WORD}\n", f"jdbc:postgresql://a.corp,b.corp:1/app?user=svc&password={WORD}\n"])  # fmt: skip
def test_a_login_of_no_one_server_is_not_read_as_one(engine: Engine, text: str) -> None:
    [(_, found)] = found_in(engine, text)
    try:
        login = read_login(found, 1)
    except ValueError:
        return
    assert len(login.servers) > 1
