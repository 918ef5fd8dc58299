"""The main job, end to end: what it finds, what it leaves alone, what proof closes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from correlate.verdict import HYGIENE, CaseState
from jobs.ledger import check_ledger
from jobs.nightly import RunReport
from jobs.outcome import Exit
from sample_data.company import Company
from tests.jobs.town import Town, staged

DIES = (
    ("dana-github-classic", "storefront:deploy/config.env"),
    ("ravi-openai", "billing:src/llm.py"),
    ("oskar-aws-key", "orders-api:infra/terraform.tfvars"),
)
ACCEPTS = ("storefront-slack-bot", "storefront:src/notify.py")
SAYS_DONE = ("scanner-slack-bot", "warehouse-scanner:app/alerts.py")
ACCEPTED = ["Accepted Risk", "No resolution provided"]  # ServiceNow's codes are the team's own
WORDS = {
    "jira": ("Accepted Risk", "Done"),
    "jira_dc": ("Accepted Risk", "Done"),
    "servicenow": ("No resolution provided", "Solution provided"),
}
STEADY = {"run_begin", "run_end", "probe", "answer", "people", "scanned", "inventory", "tree_head"}


@pytest.fixture(scope="module", params=["jira", "jira_dc", "servicenow"])
def desk(
    built: Company, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Town]:
    """Yield a company with one of the ticket systems, after its first night."""
    with staged(built, tmp_path_factory.mktemp(request.param) / "town", request.param) as town:
        town.reconfigure("settle_seconds", f"accepted_resolutions = {ACCEPTED}\nsettle_seconds")
        town.night()
        town.remember()
        yield town


@pytest.fixture
def town(desk: Town) -> Town:
    desk.begin_again()
    return desk


def ticket_of(town: Town, path: str) -> dict[str, object]:
    (ticket,) = town.tickets(path)
    return ticket


def untouched(report: RunReport) -> bool:
    moved, sent = report.judge, report.deliver
    return (
        moved.opened == moved.closed == moved.reopened == moved.void == 0
        and sent.opened == sent.adopted == sent.updated == sent.closed == sent.reopened == 0
    )


def test_the_first_run_is_the_answer_key_and_the_second_changes_nothing(town: Town) -> None:
    assert town.differences() == []
    ticketed = [held for held in town.cases().values() if held.kind not in HYGIENE]
    assert town.creates == town.open_tickets() == len(ticketed)
    assert len({str(row["labels"]) for row in town.tickets()}) == town.creates
    cases, tickets, entries = town.cases(), town.tickets(), len(town.ledger())
    places = town.exposures()

    second = town.night()
    assert second.exit is Exit.FINDINGS
    assert untouched(second)
    git = [part.items for part in second.coverage if part.source == "repositories"]
    assert (len(git), sum(git)) == (15, 0)  # every object is read once
    assert town.creates == len(tickets)
    assert town.tickets() == tickets
    # a case remembers when its credential was last live, and nothing else of it moves
    assert {key: held.state for key, held in town.cases().items()} == {
        key: held.state for key, held in cases.items()
    }
    assert [place.locator for place in town.exposures()] == [place.locator for place in places]
    grown = {json.loads(text)["what"] for text in town.ledger()[entries:]}
    assert grown <= STEADY
    assert check_ledger(town.store, town.wiring.ledger_key()).holds


def test_only_proof_closes_and_what_people_say_is_weighed(town: Town) -> None:
    for label, _ in DIES:
        town.world.revoke(label)
    accepted, done = (ticket_of(town, path)["key"] for _, path in (ACCEPTS, SAYS_DONE))
    town.world.resolve_ticket(str(accepted), WORDS[town.ticketing][0], system=town.ticketing)
    town.world.resolve_ticket(str(done), WORDS[town.ticketing][1], system=town.ticketing)

    unsure = town.night()  # one rejection proves nothing; a person's "done" neither
    assert (unsure.judge.closed, unsure.deliver.closed) == (0, 0)
    assert (unsure.deliver.respected, unsure.deliver.reopened) == (1, 1)
    for _, path in DIES:
        assert town.case_at(path).state is CaseState.UNPROVEN
        assert ticket_of(town, path)["open"]
    assert ticket_of(town, SAYS_DONE[1])["open"]
    assert "accepts this credential" in town.said(done)

    sure = town.night()
    assert sure.judge.closed == sure.deliver.closed == len(DIES)
    for _, path in DIES:
        _closed_by_proof(town, path)
    assert untouched(town.night())
    assert town.case_at(ACCEPTS[1]).state is CaseState.WAIVED
    assert not ticket_of(town, ACCEPTS[1])["open"]

    label, path = DIES[0]
    gone = ticket_of(town, path)["key"]
    town.world.restore(label)
    town.days_later(8)  # what is dead and closed is asked again weekly
    back = ticket_of(town, path)
    assert (back["key"], back["open"]) == (gone, True)
    assert town.case_at(path).generation == 2
    assert len({str(row["labels"]) for row in town.tickets()}) == town.creates
    assert check_ledger(town.store, town.wiring.ledger_key()).holds


def _closed_by_proof(town: Town, path: str) -> None:
    held, ticket = town.case_at(path), ticket_of(town, path)
    assert held.state is CaseState.CLOSED
    assert not ticket["open"]
    first, second = held.rejections
    assert first.at < second.at
    said = town.said(ticket["key"])
    for proof in (first, second):
        assert f"{proof.at:%Y-%m-%d %H:%M}" in said


def test_a_listed_decoy_is_asked_about_no_more_and_its_case_ends_without_a_word_of_why(
    town: Town,
) -> None:
    name, path = DIES[0]
    held, asked = town.case_at(path), town.world.asked[name]
    assert asked
    town.reconfigure("settle_seconds", f'decoys = ["{held.fingerprint.short}"]\nsettle_seconds')
    assert town.night().judge.void == 1
    town.days_later(1)
    assert town.world.asked[name] == asked
    now = town.cases()[held.key]
    assert (now.state, now.note) == (CaseState.VOID, "no case is made of this credential any more")
    assert not any(ticket["open"] for ticket in town.tickets(path))
    town.reconfigure(f'decoys = ["{held.fingerprint.short}"]\n', "")
    town.days_later(1)
    assert town.world.asked[name] > asked
    assert town.cases()[held.key].state is CaseState.TICKETED
