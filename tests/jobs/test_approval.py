"""Which case is meant, and who may approve, by the words of a person and of the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from correlate.errors import ConfigError
from correlate.model import Identity, LivenessState
from correlate.stored import Delivery, Phase
from correlate.ticket import TicketRef
from jobs.approval import approvers, case_named
from jobs.judge import judge_all
from tests.correlate.cast import NOW, answer
from tests.jobs.stage import KINDS, fill, fresh_store


def test_a_case_is_named_by_its_key_the_beginning_of_it_or_its_ticket(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store, (answer(LivenessState.LIVE, Identity("github", "janed")),))
    judge_all(store, KINDS, NOW, 0)
    with store.transaction() as tx:
        (held,) = tx.cases.cases()
        ref = TicketRef("jira", "1", "SEC-1")
        tx.cases.save_delivery(Delivery("jira", held.key, Phase.OPEN, NOW, ref=ref))
        for named in (held.key, held.key[:6], "SEC-1"):
            assert case_named(tx, ("jira",), named) == held
        for named, sinks in (("", ("jira",)), ("SEC-1", ()), ("SEC-2", ("jira",))):
            with pytest.raises(ConfigError, match="offkey cases"):
                case_named(tx, sinks, named)
    store.close()


def test_an_address_of_nobody_is_passed_over(tmp_path: Path) -> None:
    store = fresh_store(tmp_path)
    fill(store)
    assert approvers(store, ("omar@x.example", "stranger@x.example"), NOW) == {"2"}
    store.close()
