"""From a token in a repository to a case closed by its issuer, with issuers that really run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from correlate.model import Identity, LivenessState
from correlate.verdict import Case, CaseKind, CaseState
from jobs import config as configuration
from jobs.nightly import Allowances, nightly
from jobs.progress import Silent
from jobs.rules import kinds_of, rules_of
from jobs.wiring import Wiring
from tests.aws import moto
from tests.connectors.gitrepo import Repo
from tests.hub import jupyterhub
from tests.services import mariadb, postgresql, redis

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
HEADER = "employee_id,first_name,last_name,email,account,status,hire_date,last_working_day,termination_date,time_zone"
ROW = "7,Jane,Doe,jane@corp.example,jane,{status},2020-01-01,{end},{end},UTC"
OTHER = "8,Omar,Ali,omar@corp.example,omar,active,2020-01-01,,,UTC"


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential that an issuer gave to jane: the file that leaks it, the issuer's configuration,
    who the issuer says she is, and how it is taken away there.
    """

    kind: str
    leak: str
    issuers: str
    identity: Identity
    take_away: Callable[[], object]


@pytest.fixture(params=["hub", "iam", "database", "mysql", "cache"])
def issued(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Issued]:
    yield from {"hub": hub, "iam": iam, "database": database, "mysql": mysql, "cache": cache}[
        request.param
    ](tmp_path)


def hub(folder: Path) -> Iterator[Issued]:
    (folder / "hub").mkdir()
    with jupyterhub(folder / "hub") as running:
        running.call("POST", "/users", {"usernames": ["jane"]})
        made = running.call("POST", "/users/jane/tokens", {"note": "laptop"})
        base = running.base.removesuffix("/hub/api")
        yield Issued(
            "jupyterhub_api_token",
            f"JUPYTERHUB_API_TOKEN={made['token']}\n",
            f'type = "http"\nhosts = {{ jupyterhub = "{base}" }}\ninternal_hosts = ["127.0.0.1"]',
            Identity("jupyter", "jane"),
            lambda: running.call("DELETE", f"/users/jane/tokens/{made['id']}"),
        )


def iam(_: Path) -> Iterator[Issued]:
    with moto() as running:
        key, secret = running.key_of("jane")
        running.check_signatures(yes=True)

        def take_away() -> None:
            running.check_signatures(yes=False)
            running.iam(f"Action=DeleteAccessKey&UserName=jane&AccessKeyId={key}")
            running.check_signatures(yes=True)

        yield Issued(
            "aws_access_key",
            f"aws_access_key_id = {key}\naws_secret_access_key = {secret}\n",
            f'type = "aws"\nhosts = {{ aws = "{running.base}" }}\ninternal_hosts = ["127.0.0.1"]',
            Identity("aws-user", "jane"),
            take_away,
        )


def database(_: Path) -> Iterator[Issued]:
    password = "Kq7" + "vZ9x" * 4 + "Lm2"
    with postgresql() as url:
        port = urlsplit(url).port
        login = f"host=127.0.0.1 port={port} user=offkey dbname=postgres"
        with psycopg.connect(login, autocommit=True) as admin:
            admin.execute(f"create role jane login password '{password}'")
            rules = admin.execute("show hba_file").fetchone()
            assert rules is not None
            Path(str(rules[0])).write_text(
                "host all offkey all trust\nhost all all all scram-sha-256\n"
            )
            admin.execute("select pg_reload_conf()")
            yield Issued(
                "database_url_postgres",
                f'DATABASE_URL = "postgresql://jane:{password}@127.0.0.1:{port}/postgres"\n',
                f'type = "postgres"\nhosts = ["127.0.0.1:{port}"]\nplain_hosts = ["127.0.0.1:{port}"]\n'
                'internal_hosts = ["127.0.0.1"]',
                Identity("login", "jane"),
                lambda: admin.execute("drop role jane"),
            )


def mysql(_: Path) -> Iterator[Issued]:
    password = "Kq7" + "vZ9x" * 4 + "Lm2"
    with mariadb(f"create user jane@'%' identified by '{password}'") as running:
        server = f"127.0.0.1:{running.port}"
        yield Issued(
            "database_jdbc_mysql",
            f"url=jdbc:mysql://{server}/app?user=jane&password={password}\n",
            f'type = "mysql"\nhosts = ["{server}"]\nplain_hosts = ["{server}"]\n'
            f'decisive_hosts = ["{server}"]\ninternal_hosts = ["127.0.0.1"]',
            Identity("login", "jane"),
            lambda: running.execute("drop user jane@'%'"),
        )


def cache(folder: Path) -> Iterator[Issued]:
    password = "Kq7" + "vZ9x" * 4 + "Lm2"
    (folder / "redis").mkdir()
    with redis(folder / "redis", f"user jane on >{password} ~* +@all") as running:
        server = f"127.0.0.1:{running.plain_port}"
        yield Issued(
            "database_url_redis",
            f'CACHE = "redis://jane:{password}@{server}/0"\n',
            f'type = "redis"\nhosts = ["{server}"]\nplain_hosts = ["{server}"]\n'
            'internal_hosts = ["127.0.0.1"]',
            Identity("login", "jane"),
            lambda: running.call("ACL DELUSER jane"),
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """offkey's own side: a folder with its configuration, feed and state."""

    folder: Path
    issued: Issued

    def begin(self) -> None:
        repo = Repo(self.folder / "repo")
        repo.commit({"settings.env": self.issued.leak}, "jane@corp.example")
        self.hr("active", "")
        (self.folder / "offkey.toml").write_text(f"""\
[organisation]
state = "state"
pepper = {{ env = "PEPPER" }}
[[people]]
type = "csv"
path = "people.csv"
max_age_hours = 0.0
columns = {{ worker_id = "employee_id", first_name = "first_name", last_name = "last_name", email = "email", status = "status", starts = "hire_date", last_working_day = "last_working_day", ends = "termination_date", zone = "time_zone" }}
identities = {{ jupyter = "account", aws-user = "account", login = "account" }}
[[sources]]
type = "git"
repositories = ["{repo.path}"]
[[issuers]]
{self.issued.issuers}
""")

    def hr(self, status: str, end: str) -> None:
        rows = [HEADER, ROW.format(status=status, end=end), OTHER]
        (self.folder / "people.csv").write_text("\n".join(rows) + "\n")

    def night(self, now: datetime) -> Case:
        """Run the main job at an instant; return the one case of jane's credential."""
        config = configuration.load(self.folder / "offkey.toml", {"PEPPER": "offboarding-" * 4})
        wiring = Wiring(config, kinds_of(rules_of(config), self.folder / "cache"))
        store = wiring.store()
        store.prepare()
        try:
            nightly(wiring, store, now, Allowances(), Silent())
            with store.transaction() as tx:
                held = [case for case in tx.cases.cases() if case.state is not CaseState.VOID]
                answers = [said.latest for said in tx.scans.answers().values()]
        finally:
            store.close()
        (case,) = [case for case in held if case.credential_kind == self.issued.kind]
        (answer,) = [said for said in answers if said is not None and said.host]
        if answer.state is LivenessState.LIVE:
            assert self.issued.identity in answer.identities
        return case


@pytest.mark.service
def test_a_leavers_token_is_held_until_its_issuer_rejects_it_twice(
    tmp_path: Path, issued: Issued
) -> None:
    desk = Desk(tmp_path, issued)
    desk.begin()
    here = desk.night(NOW)
    assert (here.kind, here.person, here.state) == (CaseKind.F5, "7", CaseState.OPEN)

    desk.hr("terminated", "2026-11-20")
    gone = desk.night(NOW + timedelta(days=1))
    assert (gone.kind, gone.person, gone.state) == (CaseKind.F1, "7", CaseState.OPEN)
    assert gone.departure is not None
    still = desk.night(NOW + timedelta(days=2))  # no account that HR ended ends a credential
    assert (still.state, still.rejections) == (CaseState.OPEN, ())

    issued.take_away()
    once = desk.night(NOW + timedelta(days=3))
    assert (once.state, len(once.rejections)) == (CaseState.UNPROVEN, 1)
    at_once = desk.night(NOW + timedelta(days=3, minutes=5))  # too soon to prove anything
    assert at_once.state is CaseState.UNPROVEN
    twice = desk.night(NOW + timedelta(days=3, hours=2))
    assert (twice.state, len(twice.rejections)) == (CaseState.CLOSED, 2)
    assert all(proof.state is LivenessState.DEAD for proof in twice.rejections)
