"""Whatever comes in broken: the right exit code, words to act on, and nothing lost."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors import store_sql
from jobs.cli.main import invoke
from jobs.cli.run import summary
from jobs.lock import only_runner
from jobs.nightly import Allowances
from jobs.outcome import Exit
from sample_data.company import Company
from tests.jobs.apart import Offkey, kill, vendors
from tests.jobs.town import Town, copied

# --- the configuration -------------------------------------------------------------------

PEPPER = 'pepper = { file = "logins/pepper" }'
TOKEN = 'token = { file = "logins/gitlab" }'


def change(before: str, after: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return changed


CONFIGURATIONS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "an unknown section": (lambda text: text + "\n[polcy]\n", ("polcy", "known:")),
    "an unknown key": (
        change("settle_seconds", "setle_seconds"),
        ("policy.setle_seconds", "did you mean `settle_seconds`"),
    ),
    "an unknown key of a connector": (
        change("instance = true", "instanse = true"),
        ("sources[2].instanse", "did you mean `instance`"),
    ),
    "a missing key": (change(PEPPER, ""), ("organisation.pepper", "add `pepper`")),
    "a missing key of a connector": (change(TOKEN, ""), ("sources[2].token", "add `token`")),
    "a wrong type": (
        change("proof_gap_seconds = 1", 'proof_gap_seconds = "soon"'),
        ("policy.proof_gap_seconds", "a whole number"),
    ),
    "no TOML": (lambda text: text + "\n[[", ("offkey.toml", "config check")),
    "no text": (lambda text: "\udcff" + text, ("offkey.toml", "config check")),
    "an unknown connector": (
        change('type = "notebooks"', 'type = "notbooks"'),
        ("sources[4].type", "one of: ", "notebooks"),
    ),
    "a section that is no list": (
        lambda text: text.replace("[[tickets]]", "[tickets]"),
        ("tickets", "[[tickets]]"),
    ),
    "a secret in the configuration": (
        change(TOKEN, 'token = "written-down-here"'),
        ("sources[2].token", "{env = "),
    ),
    "a secret whose variable is not set": (
        change(TOKEN, 'token = { env = "NOT_SET_ANYWHERE" }'),
        ("sources[2].token", "export NOT_SET_ANYWHERE"),
    ),
    "a secret whose file is not there": (
        change("logins/gitlab", "logins/nowhere"),
        ("sources[2].token", "FileNotFoundError"),
    ),
    "a pepper beside the store": (
        change('{ file = "logins/pepper" }', '{ file = "state/pepper" }'),
        ("organisation.pepper", "move the pepper"),
    ),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_wrong_configuration_is_told_by_its_key(
    town: Town, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    wrong, words = CONFIGURATIONS[name]
    pepper = town.folder / "logins" / "pepper"
    (town.folder / "state" / "pepper").write_bytes(pepper.read_bytes())
    text = wrong(town.config.read_text(encoding="utf-8"))
    town.config.write_bytes(text.encode(errors="surrogateescape"))
    _is_told(town, capsys, Exit.USAGE, words)
    assert "written-down-here" not in "".join(capsys.readouterr())


def test_a_short_pepper_is_refused(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    (town.folder / "logins" / "pepper").write_text("too short")
    _is_told(town, capsys, Exit.USAGE, ("organisation.pepper", "9 bytes", "config init"))


def test_no_configuration_is_told(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.config.unlink()
    _is_told(town, capsys, Exit.USAGE, ("offkey.toml", "config init"))


def _is_told(
    town: Town, capsys: pytest.CaptureFixture[str], code: Exit, words: tuple[str, ...]
) -> None:
    """Run the command here; it ends with the code, says the words, and leaves things as they were."""
    before = _kept(town)
    capsys.readouterr()
    assert invoke(["--config", str(town.config), "run", "nightly"]) == code
    told = capsys.readouterr().err
    for word in ("error:", "where:", "why:", "next:", *words):
        assert word in told, told
    assert _kept(town) == before


def _kept(town: Town) -> tuple[dict[str, object], list[dict[str, object]]]:
    """What must not be lost: every case's state, every ticket's."""
    states: dict[str, object] = {key: held.state for key, held in town.cases().items()}
    tickets = [{k: row[k] for k in ("key", "open", "resolution")} for row in town.tickets()]
    return states, tickets


# --- what a run reads --------------------------------------------------------------------


def rewritten(name: str, how: Callable[[str], str]) -> Callable[[Town], None]:
    def rewrite(town: Town) -> None:
        path = town.company.folder / name
        text = path.read_bytes().decode()
        path.write_bytes(how(text).encode())

    return rewrite


def _half(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[: len(text.splitlines()) // 2])


def _many_leave(text: str) -> str:
    left = re.sub(r",active,", ",terminated,", text)
    return re.sub(r",(\d{4}-\d\d-\d\d),,,", r",\1,2026-11-01,2026-11-01,", left)


def truncated_pack(town: Town) -> None:
    subprocess.run(
        ["git", "-C", str(town.company.repositories / "billing.git"), "repack", "-qad"], check=True
    )
    (pack,) = (town.company.repositories / "billing.git").rglob("*.pack")
    pack.chmod(0o600)
    pack.write_bytes(pack.read_bytes()[:-200])


def fault(vendor: str, kind: str, **more: Any) -> Callable[[Town], None]:
    return lambda town: town.world.fault(vendor, kind, times=0, **more)


def wrong_login(name: str) -> Callable[[Town], None]:
    def write(town: Town) -> None:
        (town.folder / "logins" / name).write_text("not-the-login")

    return write


EVENINGS: dict[str, tuple[Callable[[Town], None], int, tuple[str, ...]]] = {
    "an empty feed": (rewritten("personnel.csv", lambda _: ""), 3, ("personnel", "refused")),
    "a feed of a header only": (
        rewritten("personnel.csv", lambda text: text.splitlines(keepends=True)[0]),
        3,
        ("personnel", "0 rows"),
    ),
    "half a feed": (rewritten("personnel.csv", _half), 3, ("personnel", "fell from")),
    "a feed cut in mid-row": (
        rewritten("personnel.csv", lambda text: text[: len(text) * 9 // 10].rsplit(",", 2)[0]),
        3,
        ("personnel", "refused"),
    ),
    "a feed with swapped columns": (
        rewritten(
            "personnel.csv",
            lambda text: text.replace("employee_id,first_name", "first_name,employee_id", 1),
        ),
        3,
        ("personnel", "no longer knows", "--allow-leavers"),
    ),
    "a feed with swapped dates": (
        rewritten(
            "personnel.csv",
            lambda text: text.replace(
                "hire_date,last_working_day", "last_working_day,hire_date", 1
            ),
        ),
        3,
        ("personnel", "here fell from"),
    ),
    "a feed without a column": (
        rewritten("personnel.csv", lambda text: text.replace("termination_date", "ended", 1)),
        3,
        ("personnel", "termination_date"),
    ),
    "a feed with an odd row": (
        rewritten(
            "personnel.csv",
            lambda text: re.sub(
                r"(,active,[^\n]*,)[^,\n]+\n", r"\1Mars/Olympus\r\n", text, count=1
            ),
        ),
        1,
        ("odd rows: personnel 1;", "offkey people findings"),
    ),
    "a page in place of a feed": (
        rewritten("personnel.csv", lambda _: "<html><body>Sign in, please</body></html>"),
        3,
        ("personnel", "refused"),
    ),
    "a directory cut in mid-page": (rewritten("directory.ldif", _half), 3, ("directory",)),
    "a truncated pack": (truncated_pack, 3, ("1 incomplete",)),
    "a page in place of an issuer's answer": (fault("slack", "html"), 1, ("0 closed by proof",)),
    "an issuer that has no time": (
        fault("github", "status", status=429, retry_after="60", path="/user"),
        3,
        ("0 closed by proof", "1 incomplete"),
    ),
    "an issuer that is down": (fault("openai", "drop"), 1, ("0 closed by proof",)),
    "a login that GitLab refuses": (
        wrong_login("gitlab"),
        3,
        ("gitlab-variables", "refused", "Next:"),
    ),
    "a login that GitHub refuses": (
        wrong_login("github"),
        3,
        ("github-variables", "refused", "Next:"),
    ),
    "a login that Jira refuses": (wrong_login("jira"), 4, ("jira", "refused", "Next:")),
    "a Jira that is down": (fault("jira", "status", status=503), 5, ("jira", "Next:")),
}


@pytest.mark.parametrize("name", EVENINGS)
def test_a_broken_evening_costs_nothing_that_was_known(town: Town, name: str) -> None:
    spoil, code, words = EVENINGS[name]
    before, snapshots, made = _kept(town), _leavers(town), town.creates
    spoil(town)
    town.reset()
    report = town.night()
    told = "\n".join(summary(report))
    assert report.exit == code, told
    for word in words:
        assert word in told, told
    assert _kept(town) == before
    assert _leavers(town) == snapshots
    assert town.creates == made
    assert town.night().exit == code  # and it stays told


def _leavers(town: Town) -> tuple[object, ...]:
    """Return the leavers, and whose departures the snapshots in force tell."""
    return tuple(row.person for row in town.report().leavers)


# --- masses ------------------------------------------------------------------------------


def test_a_departure_of_the_masses_needs_a_word(town: Town) -> None:
    town.reconfigure("settle_seconds", "max_new_leavers = 3\nsettle_seconds")
    before = _kept(town)
    town.reconfigure(
        'type = "csv"', 'max_fall_percent = 100.0\ntype = "csv"'
    )  # the fall in people who are here would be refused first
    rewritten("personnel.csv", _many_leave)(town)
    report = town.night()
    told = "\n".join(summary(report))
    assert report.exit is Exit.INCOMPLETE
    wanted = re.search(r"--allow-leavers (\d+)", told)
    assert wanted, told
    assert int(wanted[1]) > 10
    assert _kept(town) == before
    assert town.night(Allowances(leavers=int(wanted[1]))).exit is Exit.FINDINGS
    assert len(_leavers(town)) > 20


def test_tickets_by_the_dozen_need_a_word_and_a_lost_store_finds_its_tickets(town: Town) -> None:
    made = town.creates
    for path in (town.folder / "state").glob("offkey.db*"):
        path.unlink()
    town.reconfigure("settle_seconds", "max_new_tickets = 10\nsettle_seconds")
    town.store.prepare()
    report = town.night()
    told = "\n".join(summary(report))
    assert report.exit is Exit.INCOMPLETE
    assert f"--allow-tickets {made}" in told
    assert town.creates == made
    assert town.night(Allowances(tickets=made)).deliver.adopted == made
    assert (town.creates, town.open_tickets()) == (made, made)


# --- the store and the run itself --------------------------------------------------------


def test_a_store_that_another_holds_is_told(
    town: Town, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_sql, "BUSY_SECONDS", 0.1)
    capsys.readouterr()
    with closing(sqlite3.connect(town.folder / "state" / "offkey.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert invoke(["--config", str(town.config), "run", "nightly"]) == Exit.UNAVAILABLE
        other.rollback()
    told = capsys.readouterr().err
    assert "locked" in told
    assert "next:" in told
    assert town.night().exit is Exit.FINDINGS


def test_a_store_of_a_newer_version_is_left_alone(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(town.folder / "state" / "offkey.db")) as store:
        store.execute("UPDATE alembic_version SET version_num = 'of-tomorrow'")
        store.commit()
    _is_told(town, capsys, Exit.USAGE, ("of-tomorrow", "upgrade offkey"))


def test_a_store_that_is_none_is_told(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    town.store.close()
    for path in (town.folder / "state").glob("offkey.db*"):
        path.unlink()
    (town.folder / "state" / "offkey.db").write_bytes(b"not a database at all" * 1000)
    assert invoke(["--config", str(town.config), "run", "nightly"]) == Exit.UNAVAILABLE
    told = capsys.readouterr().err
    assert "not a database" in told
    assert "next:" in told


def test_two_runs_at_once_are_one(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    with only_runner(town.folder / "state", town.store, town.now):
        _is_told(town, capsys, Exit.UNAVAILABLE, ("Another run is under way", "wait"))


def test_an_interrupted_run_says_so_and_is_taken_up(built: Company, tmp_path: Path) -> None:
    offkey = Offkey(tmp_path)
    with vendors(copied(built, tmp_path / "company"), tmp_path) as levers:
        levers.pull("fault", vendor="jira", kind="latency", times=0, seconds=0.2, method="POST")
        process = offkey.start("run", "nightly")
        end = time.monotonic() + 60
        while levers.creates() < 2 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(2)
        try:
            assert process.wait(60) == Exit.INTERRUPTED
        finally:
            kill(process)
        told = (tmp_path / "err").read_text()
        assert "interrupted" in told
        assert "Traceback" not in told
        levers.pull("clear-faults")
        assert offkey.run("run", "nightly").code == Exit.FINDINGS
        tickets = levers.tickets()
        assert levers.creates() == len(tickets) == len({str(row["labels"]) for row in tickets})
