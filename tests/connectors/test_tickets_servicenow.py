from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.tickets_servicenow import ServiceNowTickets, Settings, connect
from correlate.errors import AuthError, ConfigError, Refused, Unavailable
from correlate.model import CaseKey
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.ticket import Draft, Facts, Paragraph
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.ticket_contract import KEY, Desk, TicketContract, draft

OUTBOUND = {"password": Secret(LOGINS.servicenow_password)}


def sink(vendors: Vendors, **changes: object) -> ServiceNowTickets:
    settings = Settings(
        base_url=vendors.at["servicenow"],
        username=LOGINS.servicenow_user,
        password=Secret(LOGINS.servicenow_password),
        assignment_group="Identity",
        internal_hosts=("127.0.0.1",),
        timeout_s=5.0,
    )
    return connect(replace(settings, **changes), Setup("snow", Path("/nonexistent")))  # type: ignore[arg-type]


def desk_of(vendors: Vendors, table: str, resolution: str, *, reopens: bool = True) -> Desk:
    site = vendors.world.servicenow
    return Desk(
        sink(vendors, table=table),
        lambda ref, resolution: site.resolve(ref.id, resolution, "alex.agent"),
        resolution,
        lambda ref: sum("Reference" not in e.value for e in site.journal if e.record == ref.id),
        lambda: vendors.world.creates["servicenow"],
        lambda ref: {row["parent"] for row in site.all if row["sys_id"] == ref.id} - {""},
        reopens=reopens,
    )


class TestIncident(TicketContract):
    @pytest.fixture
    def desk(self, vendors: Vendors) -> Desk:
        return desk_of(vendors, "incident", "Known error")


class TestSecurityIncident(TicketContract):
    @pytest.fixture
    def desk(self, vendors: Vendors) -> Desk:
        return desk_of(vendors, "sn_si_incident", "False positive", reopens=False)


class TestCatalogTask(TicketContract):
    @pytest.fixture
    def desk(self, vendors: Vendors) -> Desk:
        return desk_of(vendors, "sc_task", "Accepted Risk")


def test_what_names_the_leaver_stands_in_work_notes_only(vendors: Vendors) -> None:
    one = sink(vendors)
    ref = one.open(draft())
    for _ in range(2):
        one.update(ref, draft())
    (held,) = vendors.world.servicenow.all
    assert "Jane Leaver" not in "".join(held.values())
    (note,) = vendors.world.servicenow.journal
    assert ("Jane Leaver" in note.value, note.element) == (True, "work_notes")
    changed = Draft(KEY, "t", (Paragraph("x"),), (Facts("Person", (("Name", "Joe Other"),)),))
    one.update(ref, changed)
    assert len(vendors.world.servicenow.journal) == 2
    sink(vendors, show_person=False).open(draft())
    assert len(vendors.world.servicenow.journal) == 2


def test_the_incident_goes_to_its_group_with_its_rank(vendors: Vendors) -> None:
    sink(vendors).open(draft())
    (held,) = vendors.world.servicenow.all
    groups = vendors.world.servicenow.table("sys_user_group") or ()
    assert held["assignment_group"] == groups[0]["sys_id"]
    assert (held["impact"], held["urgency"]) == ("2", "2")
    assert held["correlation_id"] == "offkey" + KEY
    assert "[code" not in held["description"]


def test_a_task_is_due_at_an_instant_in_utc(vendors: Vendors) -> None:
    late = datetime(2026, 7, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    sink(vendors).open(replace(draft(), due_at=late))
    assert vendors.world.servicenow.all[0]["due_date"] == "2026-06-30 23:00:00"


@pytest.mark.parametrize("table", ["incident", "sn_si_incident", "sc_task"])
def test_what_a_table_lacks_is_told_at_set_up(vendors: Vendors, table: str) -> None:
    vendors.world.servicenow.mandatory = ("short_description", "business_service")
    wrong = sink(vendors, table=table, resolved_state="42", reopened_state="43")
    sentences = " ".join(wrong.check())
    for part in ("no state 42", "no state 43", "business_service is required"):
        assert part in sentences
    with pytest.raises(Refused):
        wrong.open(draft())
    given = sink(vendors, table=table, fields={"business_service": "x"})
    assert list(given.check()) == []
    assert given.open(draft()).key
    assert list(sink(vendors, table="no_such").check())


def test_rows_that_were_not_asked_for_are_never_taken_for_tickets(vendors: Vendors) -> None:
    site = vendors.world.servicenow
    one = sink(vendors)
    site.create({"short_description": "of others", "correlation_id": ""}, "alex.agent")
    site.create({"short_description": "of others", "correlation_display": "offkey"}, "alex.agent")
    assert list(one.open_now()) == []
    assert list(one.find(KEY)) == []
    site.ignored = ("correlation_display", "correlation_id")
    for ask in (one.open_now, lambda: one.find(KEY)):
        with pytest.raises(Refused, match="ignored the query"):
            list(ask())


@pytest.mark.parametrize("group", ["Nobody", "Twice", "a^active=true", "Identity^ORname=x"])
def test_a_group_that_is_not_one_is_refused(vendors: Vendors, group: str) -> None:
    vendors.world.servicenow.group_names = ("Identity", "Twice", "Twice")
    one = sink(vendors, assignment_group=group)
    assert list(one.check())
    with pytest.raises(Refused):
        one.open(draft())
    assert vendors.world.servicenow.all == ()


@pytest.mark.parametrize("key", ["", "a^active=true", "a b", "x" * 200])
def test_a_key_that_could_widen_the_query_is_never_sent(vendors: Vendors, key: str) -> None:
    before = vendors.world.requests["servicenow"]
    with pytest.raises(Refused):
        sink(vendors).find(CaseKey(key))
    assert vendors.world.requests["servicenow"] == before


def test_an_incident_that_ended_is_not_taken_up_again(vendors: Vendors) -> None:
    one = sink(vendors)
    ref = one.open(draft())
    one.close(ref, draft(), "proof")
    vendors.world.servicenow.auto_close()
    status = one.read(ref)
    assert (status.open, status.resolved_by_us) == (False, True)
    with pytest.raises(Refused, match="new incident"):
        one.reopen(ref, draft(), "again")


def test_a_rule_that_says_no_is_a_refusal_and_a_bad_login_is_not(vendors: Vendors) -> None:
    one = sink(vendors, close_code="Nope")
    ref = one.open(draft())
    with pytest.raises(Refused):
        one.close(ref, draft(), "proof")
    assert "close code Nope" in " ".join(one.check())
    with pytest.raises(AuthError):
        sink(vendors, password=Secret("wrong")).find(KEY)


@pytest.mark.parametrize(
    "kind", ["drop", "lost_answer", "status", "html", "truncate", "short_body"]
)
def test_a_create_is_sent_once_whatever_happens(vendors: Vendors, kind: str) -> None:
    vendors.world.fault("servicenow", kind, method="POST")
    with pytest.raises(Unavailable) as caught:
        sink(vendors).open(draft())
    assert caught.value.retry_after is None
    made = vendors.world.creates["servicenow"]
    assert made == (1 if kind in ("lost_answer", "truncate", "short_body") else 0)
    assert len(sink(vendors).find(KEY)) == made


@pytest.mark.parametrize(
    ("notes", "resolution"),
    [("Accepted Risk", "Accepted Risk"), ("x" * 61, "Known error"), ("a\nb", "Known error")],
)
def test_a_few_words_of_a_person_are_the_resolution(
    vendors: Vendors, notes: str, resolution: str
) -> None:
    one, site = sink(vendors), vendors.world.servicenow
    ref = one.open(draft())
    values = {"state": "6", "close_code": "Known error", "close_notes": notes}
    site.change(ref.id, values, "alex.agent")
    assert one.read(ref).resolution == resolution


def test_there_is_one_way_to_sign_in(vendors: Vendors) -> None:
    with pytest.raises(ConfigError):
        sink(vendors, token=Secret("x"))
    with pytest.raises(ConfigError):
        sink(vendors, password=None)
    with pytest.raises(AuthError):
        sink(vendors, password=None, token=Secret("x")).find(KEY)
    with pytest.raises(AuthError):
        sink(vendors, password=None, api_key=Secret("x")).find(KEY)
