"""What one person holds: by any of their handles, now or as if they had gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.store_sql import SqlStore
from correlate.break_glass import RESEAL
from correlate.errors import ConfigError
from correlate.kind import Grade
from correlate.model import Identity, LivenessState, PersonId, Touch
from correlate.verdict import CaseKind, Relation
from jobs.leaver import find_person, leaver, tied
from tests.correlate.cast import FP, NOW, answer, author, exposure, mail, snapshot, worker
from tests.jobs.stage import COLLEAGUE, KIND, KINDS, LEAVER, fill, fresh_store

LIVE = answer(LivenessState.LIVE, Identity("github", "janed"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = fresh_store(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("who", ["1", "jane@x.example", "JANE@X.example", "janed", "JaneD"])
def test_a_person_is_found_by_id_address_or_login(store: SqlStore, who: str) -> None:
    fill(store)
    assert find_person(store, who, NOW)[1] == "1"


@pytest.mark.parametrize("who", ["", "Person 1", "nobody@x.example", "2 "])
def test_a_name_is_not_enough(store: SqlStore, who: str) -> None:
    fill(store)
    with pytest.raises(ConfigError, match="2 people are known"):
        find_person(store, who, NOW)


def test_two_who_fit_are_both_named(store: SqlStore) -> None:
    one, other = worker("1", "a@x.example", login="sam"), worker("2", "b@x.example", login="sam")
    fill(store, people=snapshot(one, other))
    with pytest.raises(ConfigError, match="1, 2"):
        find_person(store, "sam", NOW)


def test_a_leavers_own_token_is_told_with_its_case(store: SqlStore) -> None:
    fill(store, (LIVE,))
    report = leaver(store, KINDS, "janed", NOW, before_leave=False)
    (held,) = report.held
    assert (held.relation, held.case, held.only_person) == (Relation.OWNS, CaseKind.F1, True)
    assert (report.forecast, report.live()) == (False, (held,))
    assert held.paths == ("payments:a.py",)
    assert tied(store, KINDS, {PersonId("1")}, NOW) == {FP}


@pytest.mark.parametrize(("listed", "told"), [((), ""), (("0" * 8,), ""), ((FP.short,), RESEAL)])
def test_a_break_glass_credential_is_not_to_be_revoked(
    store: SqlStore, listed: tuple[str, ...], told: str
) -> None:
    fill(store, (LIVE,))
    report = leaver(store, KINDS, "janed", NOW, before_leave=False, break_glass=listed)
    (held,) = report.held
    assert held.revoke_hint == (told or KIND.revoke_hint)
    assert held.case is CaseKind.F1


@pytest.mark.parametrize(
    "touch",
    [
        replace(author("j@home.example", "2025-02-01"), hint=mail("Jane@x.example")),
        Touch(Identity("ssh-key", "SHA256:Abc"), "signer", None),
    ],
)
def test_what_a_mailmap_or_a_signature_ties_to_somebody_is_found(
    store: SqlStore, touch: Touch
) -> None:
    jane = replace(LEAVER, identities=(Identity("ssh-key", "SHA256:Abc"),))
    live = replace(LIVE, identities=())
    fill(store, (live,), snapshot(jane, COLLEAGUE), (exposure(touch),))
    (held,) = leaver(store, KINDS, "1", NOW, before_leave=False).held
    assert (held.relation, held.case) == (Relation.INTRODUCED, CaseKind.F2)


def test_a_forecast_treats_somebody_as_gone_and_changes_nothing(store: SqlStore) -> None:
    place = exposure(author("omar@x.example", "2025-02-01"))
    fill(store, (replace(LIVE, identities=()),), snapshot(LEAVER, COLLEAGUE), (place,))
    now = leaver(store, KINDS, "2", NOW, before_leave=False)
    then = leaver(store, KINDS, "2", NOW, before_leave=True)
    assert (now.forecast, then.forecast) == (False, True)
    assert now.standing == then.standing or then.standing.departure is None
    assert [held.case for held in now.held] != [CaseKind.F2]
    assert [held.case for held in then.held] == [CaseKind.F2]


def test_nothing_is_held_where_nothing_was_found_or_nobody_can_be_asked(store: SqlStore) -> None:
    fill(store, (LIVE,), places=())
    assert leaver(store, KINDS, "1", NOW, before_leave=True).held == ()
    fill(store, (LIVE,))
    generic = {KIND.id: replace(KIND, grade=Grade.GENERIC)}
    assert leaver(store, generic, "1", NOW, before_leave=True).held == ()
