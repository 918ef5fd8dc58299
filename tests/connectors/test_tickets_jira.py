from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors.tickets_jira import JiraTickets, Settings, connect
from correlate.errors import AuthError, ConfigError, Refused, Unavailable
from correlate.ports import Setup
from correlate.secret import Secret
from correlate.ticket import TicketRef
from sample_data.simulators.issues import Issues
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.ticket_contract import KEY, Desk, TicketContract, draft
from tests.twins.tickets import TicketTwin

OUTBOUND = {"email": LOGINS.jira_email}


def sink(vendors: Vendors, deployment: str = "cloud", **changes: object) -> JiraTickets:
    cloud = deployment == "cloud"
    settings = Settings(
        base_url=vendors.at["jira" if cloud else "jira_dc"],
        project="SEC",
        token=Secret(LOGINS.jira_token if cloud else LOGINS.jira_dc_token),
        email=LOGINS.jira_email if cloud else "",
        deployment=deployment,
        internal_hosts=("127.0.0.1",),
        timeout_s=5.0,
    )
    return connect(replace(settings, **changes), Setup("jira", Path("/nonexistent")))  # type: ignore[arg-type]


def desk_of(vendors: Vendors, deployment: str) -> Desk:
    site = vendors.world.jira if deployment == "cloud" else vendors.world.jira_dc
    return Desk(
        sink(vendors, deployment),
        lambda ref, resolution: _resolve(vendors, deployment, ref.key, resolution),
        "Accepted Risk",
        lambda ref: len(getattr(site.find(ref.key), "comments", ())),
        lambda: vendors.world.creates["jira" if deployment == "cloud" else "jira_dc"],
        lambda ref: {other for _, side, other in _links(site, ref) if side == "outward"},
        site.index_now,
    )


def _links(site: Issues, ref: TicketRef) -> list[tuple[str, str, str]]:
    issue = site.find(ref.key)
    return list(issue.links) if issue else []


def _resolve(vendors: Vendors, deployment: str, key: str, resolution: str) -> None:
    site = vendors.world.jira if deployment == "cloud" else vendors.world.jira_dc
    issue = site.find(key)
    assert issue is not None
    site.resolve(issue, resolution, "alex.agent")


class TestCloud(TicketContract):
    @pytest.fixture
    def desk(self, vendors: Vendors) -> Desk:
        return desk_of(vendors, "cloud")


class TestDataCenter(TicketContract):
    @pytest.fixture
    def desk(self, vendors: Vendors) -> Desk:
        return desk_of(vendors, "datacenter")


class TestTwin(TicketContract):
    @pytest.fixture
    def desk(self) -> Desk:
        twin = TicketTwin()
        return Desk(
            twin,
            twin.resolve_as_person,
            "Won't Do",
            lambda ref: len(twin.held(ref).comments),
            lambda: twin.creates,
            lambda ref: {twin.id_of(key) for _, key in twin.held(ref).links},
        )


def test_what_was_just_made_is_found_though_the_index_lags(vendors: Vendors) -> None:
    vendors.world.jira.index_delay = 3600
    one = sink(vendors)
    ref = one.open(draft())
    assert [status.ref for status in one.find(KEY)] == [ref]
    assert sink(vendors).find(KEY) == []  # another process must wait for the index


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_more_tickets_than_a_page_holds_are_all_found(vendors: Vendors, deployment: str) -> None:
    one = sink(vendors, deployment)
    for _ in range(103):
        one.open(draft())
    vendors.world.jira.index_now()
    assert len(one.find(KEY)) == 103


def test_the_text_of_a_draft_is_never_markup(vendors: Vendors) -> None:
    sink(vendors, "datacenter").open(draft())
    (issue,) = vendors.world.jira_dc.all
    text = issue.fields["description"]
    assert r"\[link\|http&#58;//evil.example\] \{code\}" in text
    assert "h3. Credential" in text
    sink(vendors).open(draft())
    (issue,) = vendors.world.jira.all
    tree = json.dumps(issue.fields["description"])
    assert "[link|http://evil.example] {code} @admin" in tree
    assert '"link"' not in tree.replace('"[link', "")
    assert issue.fields["labels"] == ["offkey", "offkey" + KEY]


def test_the_person_can_be_left_out(vendors: Vendors) -> None:
    sink(vendors, show_person=False).open(draft())
    assert "Jane Leaver" not in json.dumps(vendors.world.jira.all[0].fields)


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize(
    ("level", "sensitive", "named"), [("", True, False), ("10001", True, True), ("", False, True)]
)
def test_of_a_sensitive_case_the_person_is_told_behind_a_security_level_only(
    vendors: Vendors, deployment: str, level: str, sensitive: bool, named: bool
) -> None:
    site = vendors.world.jira if deployment == "cloud" else vendors.world.jira_dc
    one = sink(vendors, deployment, security_level=level)
    ref = one.open(replace(draft(), sensitive=sensitive))
    one.update(ref, replace(draft(), sensitive=sensitive))
    fields = site.all[0].fields
    assert ("Jane Leaver" in json.dumps(fields)) is named
    assert fields.get("security") == ({"id": level} if level else None)


def test_a_ticket_that_becomes_sensitive_gets_the_level_before_the_text(vendors: Vendors) -> None:
    ref = sink(vendors).open(draft())
    begun = len(vendors.world.log)
    sink(vendors, security_level="10001").update(ref, replace(draft(), sensitive=True))
    assert [asked[1] for asked in vendors.world.log[begun:]] == ["PUT", "PUT"]
    assert vendors.world.jira.all[0].fields["security"] == {"id": "10001"}


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_a_refused_login_is_never_an_absent_ticket(vendors: Vendors, deployment: str) -> None:
    one = sink(vendors, deployment, token=Secret("wrong"))
    for verb in (lambda: one.find(KEY), lambda: one.open(draft())):
        with pytest.raises(AuthError):
            verb()
    (sentence,) = [text for text in one.check() if "login" in text]
    assert "wrong" not in sentence


@pytest.mark.parametrize(
    "kind", ["drop", "lost_answer", "status", "html", "truncate", "short_body"]
)
def test_a_create_is_sent_once_whatever_happens(vendors: Vendors, kind: str) -> None:
    vendors.world.fault("jira", kind, method="POST", path="/rest/api/3/issue")
    with pytest.raises(Unavailable) as caught:
        sink(vendors).open(draft())
    assert caught.value.retry_after is None
    made = vendors.world.creates["jira"]
    assert made == (1 if kind in ("lost_answer", "truncate", "short_body") else 0)


def test_a_throttled_create_says_how_long_to_wait(vendors: Vendors) -> None:
    vendors.world.fault("jira", "status", method="POST", status=429, retry_after="77")
    with pytest.raises(Unavailable) as caught:
        sink(vendors).open(draft())
    assert caught.value.retry_after == 77.0


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
@pytest.mark.parametrize(("hidden", "day"), [((), "2026-06-30"), (("duedate",), None)])
def test_a_ticket_is_due_where_the_screen_has_a_day_for_it(
    vendors: Vendors, deployment: str, hidden: tuple[str, ...], day: str | None
) -> None:
    site = vendors.world.jira if deployment == "cloud" else vendors.world.jira_dc
    site.hidden = hidden
    late = datetime(2026, 7, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    one = sink(vendors, deployment)
    ref = one.open(replace(draft(), due_at=late))
    one.update(ref, replace(draft(), due_at=late))
    assert site.all[0].fields.get("duedate") == day


def test_missing_fields_and_rights_are_named_at_set_up(vendors: Vendors) -> None:
    vendors.world.jira.required = ("customfield_10050",)
    vendors.world.jira.forbidden = ("CREATE_ISSUES",)
    sentences = " ".join(sink(vendors).check())
    assert "customfield_10050" in sentences
    assert "CREATE_ISSUES" in sentences
    with pytest.raises(Refused, match="project"):
        sink(vendors).open(draft())
    vendors.world.jira.forbidden = ()
    with pytest.raises(Refused, match="customfield_10050"):
        sink(vendors).open(draft())
    sink(vendors, fields={"customfield_10050": '{"value": "Identity"}'}).open(draft())
    assert vendors.world.jira.all[0].fields["customfield_10050"] == {"value": "Identity"}


def test_wrong_names_are_told_at_set_up(vendors: Vendors) -> None:
    assert "no issue type Epoch" in " ".join(sink(vendors, issue_type="Epoch").check())
    assert "no resolution Gone" in " ".join(sink(vendors, resolution="Gone").check())
    assert list(sink(vendors, project="NOPE").check())
    cloud_as_dc = sink(vendors, "datacenter", base_url=vendors.at["jira"])
    assert list(cloud_as_dc.check())


def test_settings_that_cannot_work_are_refused_early(vendors: Vendors) -> None:
    with pytest.raises(ConfigError):
        sink(vendors, "server")
    with pytest.raises(ConfigError):
        sink(vendors, email="")
    with pytest.raises(ConfigError):
        sink(vendors, fields={"customfield_1": "{half"})
