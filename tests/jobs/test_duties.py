"""What happens between two nights: somebody leaves, a token dies, a person resolves a ticket."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from correlate.ports_store import Store
from correlate.verdict import CaseState
from jobs.duties import poll_leavers, poll_woken, recheck, sync_tickets
from jobs.judge import judge_all
from jobs.people import read_people
from jobs.progress import Progress, Silent
from jobs.wiring import Wiring
from tests.connectors.wire import Asked, Told, answering
from tests.jobs.town import Town

ERIK = "orders-api:.npmrc"
PAUL = "ops-runbooks:runbooks/mirror.sh"
SLACK = "storefront:src/notify.py"
RAVI = ("ravi-openai", "billing:src/llm.py")


def test_a_new_leaver_is_a_case_within_one_poll(town: Town) -> None:
    assert poll_leavers(town.wiring, town.store, town.now, Silent()) == 0
    made, row = town.creates, town.row(ERIK)
    assert (row.kind, row.person) == ("F5", "100150")
    town.company.personnel.write_bytes(_left("100150", town.company.personnel.read_bytes()))
    assert poll_leavers(town.wiring, town.store, town.now, Silent()) == 1
    after = town.row(ERIK)
    # the same credential and person: the case changes its kind and keeps its ticket
    assert (after.key, after.kind, after.tickets) == (row.key, "F2", row.tickets)
    assert town.creates >= made
    assert poll_leavers(town.wiring, town.store, town.now, Silent()) == 0


def test_a_poll_that_was_killed_before_it_judged_is_made_up_for(town: Town) -> None:
    town.company.personnel.write_bytes(_left("100150", town.company.personnel.read_bytes()))
    read_people(town.wiring.feeds(), town.store, town.now, 50)
    assert poll_leavers(town.wiring, town.store, town.now, Silent()) == 1
    assert town.row(ERIK).kind == "F2"


def test_a_leave_that_was_announced_takes_effect_with_the_clock(town: Town) -> None:
    assert town.row(PAUL).kind == "F5"
    tonight = town.now.replace(hour=23, minute=30)
    assert poll_leavers(town.wiring, town.store, tonight, Silent()) == 1
    assert town.row(PAUL).kind == "F1"


def test_a_poll_that_somebody_woke_says_so_before_it_looks(town: Town) -> None:
    town.company.personnel.write_bytes(b"")  # nothing that may be believed
    rang = {"okta": {"account-disabled": 2, "other": 1}}
    before = len(town.ledger())
    assert poll_woken(town.wiring, town.store, town.now, Silent(), rang) == 0
    (first, *_) = town.ledger()[before:]
    entry = json.loads(first)
    assert (entry["what"], entry["subject"]) == ("push", "okta")
    assert entry["data"] == {"events": {"account-disabled": 2, "other": 1}}


def test_a_leave_that_was_taken_back_and_stated_again_is_new(town: Town) -> None:
    before = town.company.personnel.read_bytes()
    for feed, new in ((_left("100150", before), 1), (before, 0), (_left("100150", before), 1)):
        town.company.personnel.write_bytes(feed)
        assert poll_leavers(town.wiring, town.store, town.now, Silent()) == new
        judge_all(town.store, {kind.id: kind for kind in town.wiring.kinds}, town.now, 0)
        assert town.row(ERIK).kind == ("F2" if new else "F5")
        town.now += timedelta(minutes=5)


def _left(worker: str, feed: bytes) -> bytes:
    rows = list(csv.DictReader(io.StringIO(feed.decode(), newline="")))
    for row in rows:
        if row["employee_id"] == worker:
            gone = {"last_working_day": "2026-11-10", "termination_date": "2026-11-10"}
            row |= {"status": "terminated", **gone}
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def test_open_cases_are_asked_about_again_until_they_are_closed(town: Town) -> None:
    label, path = RAVI
    town.world.revoke(label)
    before = town.world.asked["felix-github-dead"]
    found = {exposure.fingerprint for exposure in town.exposures()}
    held = {case.fingerprint for case in town.cases().values()}
    assert recheck(town.wiring, town.store, town.now, Silent()) == len(held & found)
    assert town.case_at(path).state is CaseState.UNPROVEN
    recheck(town.wiring, town.store, town.now + timedelta(minutes=1), Silent())
    assert town.case_at(path).state is CaseState.CLOSED
    # what has no open case is left in peace
    assert town.world.asked["felix-github-dead"] == before


@pytest.mark.parametrize(
    ("look", "listed"),
    [(recheck, True), (poll_leavers, True), (sync_tickets, False)],
    ids=["recheck", "poll", "tickets"],
)
def test_a_look_that_judges_reads_the_issuers_lists_first(
    town: Town, look: Callable[[Wiring, Store, datetime, Progress], object], listed: bool
) -> None:
    with answering(_hub) as base:
        with town.config.open("a", encoding="utf-8") as file:
            file.write(
                f'\n[[inventory]]\ntype = "jupyterhub"\nname = "hub"\nbase_url = "{base}"\n'
                'token = { file = "logins/pepper" }\ninternal_hosts = ["127.0.0.1"]\n'
            )
        town.reset()
        left = _left("100150", town.company.personnel.read_bytes())
        town.company.personnel.write_bytes(left)
        look(town.wiring, town.store, town.now, Silent())
    with town.store.transaction() as tx:
        assert [row.row.name for row in tx.inventory.listed("hub")] == (
            ["laptop"] if listed else []
        )


def _hub(asked: Asked) -> Told:
    users = {"items": [{"name": "nobody"}], "_pagination": {"next": None}}
    token = {"id": "a1", "note": "laptop", "created": "2026-01-01T00:00:00Z", "expires_at": None}
    held = {"api_tokens": [token]}
    return Told(body=json.dumps(users if asked.path == "/users" else held).encode())


def test_what_a_person_says_in_a_ticket_is_heard_by_the_next_look(town: Town) -> None:
    (ticket,) = town.tickets(SLACK)
    town.world.resolve_ticket(str(ticket["key"]), "Accepted Risk", system="jira")
    asked = dict(town.world.asked)
    sync_tickets(town.wiring, town.store, town.now, Silent())
    assert town.case_at(SLACK).state is CaseState.WAIVED
    assert dict(town.world.asked) == asked
