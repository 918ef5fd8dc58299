"""The whole of it on the fictional company: shown, asked for, approved, sent, proved."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from correlate.verdict import CaseState
from jobs.cli.main import invoke
from jobs.people import everybody
from tests.jobs.town import Town

SELF = "/api/v4/personal_access_tokens/self"


def addresses(town: Town, count: int) -> list[str]:
    """Return the addresses of people who are here and have nothing to do with it."""
    with town.store.transaction() as tx:
        known = everybody(tx, datetime.now(UTC))
    return [
        person.spells[-1].emails[0]
        for key, person in sorted(known.people.persons.items())
        if known.standings[key].state.value == "here" and person.spells and person.spells[-1].emails
    ][-count:]


def revoke(town: Town, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = invoke(["--config", str(town.config), "revoke", *words])
    said = capsys.readouterr()
    return code, said.out + said.err


def deletes(town: Town) -> int:
    return sum(1 for _, method, target, _ in town.world.log if (method, target) == ("DELETE", SELF))


def test_a_leavers_token_is_revoked_by_two_persons(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = town.cases()
    key = next(
        row.key
        for row in town.report().cases
        if cases[row.key].credential_kind.startswith("gitlab_pat") and row.liveness == "live"
    )
    anna, ben = addresses(town, 2)
    code, said = revoke(town, capsys, key)
    assert code == 1
    assert re.search(rf"DELETE http://127\.0\.0\.1:\d+{SELF}\n", said)
    assert "switched off" in said
    assert revoke(town, capsys, key, "--ask", "--reason", "she left", "--as", anna)[0] == 2
    with town.config.open("a", encoding="utf-8") as file:
        file.write(f'\n[revocation]\nenabled = true\napprovers = ["{ben}"]\n')
    assert revoke(town, capsys, key, "--do", "--as", anna)[0] == 2
    assert revoke(town, capsys, key, "--ask")[0] == 2
    assert revoke(town, capsys, key, "--ask", "--reason", "she left", "--as", anna)[0] == 0
    assert revoke(town, capsys, key, "--approve", "--as", anna)[0] == 2
    code, said = revoke(town, capsys, key, "--approve", "--as", ben)
    assert (code, deletes(town)) == (0, 0)
    assert "approved by" in said
    code, said = revoke(town, capsys, key, "--do", "--as", anna)
    assert code == 0, said
    assert "proved" in said
    assert (deletes(town), town.cases()[key].state) == (1, CaseState.UNPROVEN)
    code, said = revoke(town, capsys, key)
    assert "nothing to send from here" in said
    ledger = "".join(text for text in town.ledger())
    assert not [token for token in town.world.plan.tokens if token.secret in ledger + said]


def test_a_reason_that_holds_a_credential_is_not_written_down(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    held = next(iter(town.cases()))
    token = next(one.secret for one in town.world.plan.tokens if one.vendor == "gitlab")
    code, said = revoke(town, capsys, held, "--ask", "--reason", f"see {token}", "--as", "a@b")
    assert (code, "holds a credential" in said, token in said) == (2, True, False)
