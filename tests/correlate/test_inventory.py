"""What a row proves, which found credential it is, and what a shrinking list may not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate import decoys
from correlate.inventory import (
    alone,
    answer_of,
    fallen,
    joined,
    keyed,
    kind_id,
    kind_of,
    merged,
    with_row,
)
from correlate.kind import Kind
from correlate.listed import Hint, InventoryRow, InventorySnapshot, Listed, RowState
from correlate.model import Exposure, Identity, KindId, LivenessState, Truth
from correlate.policy import Credential
from correlate.secret import Fingerprint, Pepper
from correlate.stored import HintRow
from tests.correlate.cast import FP, NOW, answer, exposure

PEPPER = Pepper("p1", b"k" * 32)
KIND = Kind(KindId("kind"), "issuer", "Kind", "x", ("x",), "source", "x")
KINDS: Mapping[KindId, Kind] = {KIND.id: KIND}


def row(number: int = 1, state: RowState = RowState.ACTIVE, **changes: object) -> InventoryRow:
    given_ = {"owners": (Identity("github", "janed"),), "created_at": NOW - timedelta(days=90)}
    made = InventoryRow("list", "acme", str(number), "issuer", "token", state, **given_)  # type: ignore[arg-type]
    return replace(made, **changes)  # type: ignore[arg-type]


def mark(one: InventoryRow) -> Fingerprint:
    return Fingerprint("p1", f"{int(one.row_id):064x}")


def listed(one: InventoryRow, seen: datetime = NOW, checked: datetime = NOW) -> Listed:
    return Listed(one, mark(one), seen, seen, checked)


def snapshot(*rows: InventoryRow, at: datetime = NOW, whole: bool = True) -> InventorySnapshot:
    return InventorySnapshot("list", at, rows, ("acme",) if whole else ())


LATER = NOW + timedelta(days=1)
ACTIVE, DEAD = LivenessState.LIVE, LivenessState.DEAD


@pytest.mark.parametrize(
    ("state", "gone", "alone", "definite", "latest"),
    [
        (RowState.ACTIVE, False, True, ACTIVE, ACTIVE),
        (RowState.ACTIVE, False, False, ACTIVE, ACTIVE),
        (RowState.ACTIVE, True, True, DEAD, DEAD),
        (RowState.ACTIVE, True, False, ACTIVE, LivenessState.UNKNOWN),
        (RowState.REVOKED, False, True, DEAD, DEAD),
        (RowState.REVOKED, False, False, DEAD, DEAD),
        (RowState.REVOKED, True, False, DEAD, DEAD),
        (RowState.EXPIRED, False, True, DEAD, DEAD),
        (RowState.DISABLED, False, True, None, LivenessState.SUSPENDED),
        (RowState.DISABLED, True, False, None, LivenessState.UNKNOWN),
        (RowState.UNKNOWN, False, True, None, LivenessState.UNKNOWN),
        (RowState.UNKNOWN, True, True, DEAD, DEAD),
    ],
)
def test_what_a_row_proves(
    state: RowState,
    gone: bool,
    alone: bool,
    definite: LivenessState | None,
    latest: LivenessState,
) -> None:
    one = listed(row(state=state), checked=LATER if gone else NOW)
    said, newest = answer_of(one, alone=alone)
    assert (said.state if said else None, newest.state) == (definite, latest)
    assert newest.at == (LATER if gone else NOW)
    assert newest.identities == (Identity("github", "janed"),)


def found(*hints: str, direct: LivenessState | None = None, number: int = 0) -> Credential:
    place: Exposure = replace(exposure(path=f"f{number}.py"), hints=hints)
    said = answer(direct) if direct else None
    return Credential(Fingerprint("p1", f"{number:064d}"), KIND, (place,), said, said)


def hinted(number: int, *hints: str, state: RowState = RowState.ACTIVE) -> Listed:
    return listed(row(number, state, hints=tuple(Hint("last8", hint) for hint in hints)))


def told(
    credentials: Sequence[Credential], rows: Sequence[Listed], kinds: Mapping[KindId, Kind]
) -> list[Credential]:
    bearers = [
        HintRow(value, item.fingerprint, listed=False)
        for item in credentials
        for place in item.exposures
        for value in place.hints
    ]
    bearers += [
        HintRow(hint.value, one.fingerprint, listed=True) for one in rows for hint in one.row.hints
    ]
    of_found, absorbed, made = joined(bearers, rows), set(), []
    for item in credentials:
        row = of_found.get(item.fingerprint)
        one, absorbs = with_row(item, row)
        made.append(one)
        if row is not None and absorbs:
            absorbed.add(row.fingerprint)
    return [*made, *alone(rows, kinds, absorbed)]


def test_a_found_credential_learns_from_its_row_without_asking() -> None:
    credential, alone = told([found("h1", "h9")], [hinted(1, "h1")], KINDS)
    assert credential.liveness is not None
    assert credential.liveness.state is LivenessState.LIVE
    assert credential.liveness.identities == (Identity("github", "janed"),)
    assert credential.listed is not None
    assert alone.absorbed


def test_a_direct_answer_keeps_its_word_and_takes_what_it_lacks() -> None:
    credential, _ = told([found("h1", direct=LivenessState.LIVE)], [hinted(1, "h1")], KINDS)
    assert credential.liveness is not None
    assert credential.liveness.host == "issuer.example"
    assert credential.liveness.identities == (Identity("github", "janed"),)
    assert credential.liveness.created_at == NOW - timedelta(days=90)


def test_a_credential_that_its_issuer_rejected_stays_rejected_whatever_the_list_says() -> None:
    credential, alone = told([found("h1", direct=DEAD)], [hinted(1, "h1")], KINDS)
    assert credential.liveness is not None
    assert credential.liveness.state is DEAD
    assert not alone.absorbed


def test_a_decoys_entry_in_a_list_is_a_decoy_too() -> None:
    decoy = replace(found("h1"), latest=decoys.skipped(NOW))
    credential, alone = told([decoy], [hinted(1, "h1")], KINDS)
    assert (credential, alone.absorbed) == (decoy, True)


@pytest.mark.parametrize(
    ("credentials", "rows"),
    [
        ([found("h1")], [hinted(1, "h1"), hinted(2, "h1")]),
        ([found("h1"), found("h1", number=1)], [hinted(1, "h1")]),
        ([found("h1", "h2")], [hinted(1, "h1"), hinted(2, "h2")]),
        ([found("h1")], [hinted(1, "h2")]),
        ([found()], [hinted(1)]),
    ],
    ids=["two rows", "two credentials", "two hints disagree", "other", "none"],
)
def test_what_is_not_certain_joins_nothing(
    credentials: list[Credential], rows: list[Listed]
) -> None:
    made = told(credentials, rows, KINDS)
    assert made[: len(credentials)] == credentials
    assert not any(item.absorbed for item in made)


def test_a_row_of_no_kind_is_named_by_its_issuer() -> None:
    name = kind_id(row(), KINDS)
    kind = kind_of(name, KINDS)
    assert kind is not None
    assert (kind.issuer, kind.name) == ("issuer", "Token (issuer)")
    assert kind_id(row(kind="kind"), KINDS) == "kind"
    assert kind_of(KindId("gone"), KINDS) is None


def test_a_list_read_whole_tells_what_is_gone_and_any_other_does_not() -> None:
    before = merged([], snapshot(row(1), row(2)), mark)
    whole = {one.row.row_id: one for one in merged(before, snapshot(row(2), at=LATER), mark)}
    assert (whole["1"].gone, whole["2"].gone) == (True, False)
    assert (whole["1"].last_seen_at, whole["1"].checked_at) == (NOW, LATER)
    assert whole["2"].first_seen_at == NOW
    broken = merged(before, snapshot(at=LATER, whole=False), mark)
    assert not any(one.gone for one in broken)
    back = merged(whole.values(), snapshot(row(1), row(2), at=LATER + timedelta(days=1)), mark)
    assert not any(one.gone for one in back)


@pytest.mark.parametrize(
    ("total", "left", "allowed", "believed"),
    [(10, 7, 3, True), (10, 6, 3, False), (100, 80, 3, True), (100, 79, 3, False), (4, 0, 3, False),
     (4, 0, 4, True), (3, 0, 3, True)],
)  # fmt: skip
def test_a_list_that_lost_too_much_at_once_is_not_believed(
    total: int, left: int, allowed: int, believed: bool
) -> None:
    before = merged([], snapshot(*(row(n) for n in range(total))), mark)
    fell = fallen(before, snapshot(*(row(n) for n in range(left)), at=LATER), allowed)
    assert (fell == {}) is believed
    assert fallen(before, snapshot(at=LATER, whole=False), allowed) == {}


@given(st.lists(st.sets(st.integers(0, 6)), max_size=5), st.lists(st.booleans(), min_size=5))
def test_no_row_is_ever_lost_and_only_a_whole_list_makes_one_gone(
    nights: list[set[int]], whole: list[bool]
) -> None:
    known: list[Listed] = []
    ever: set[int] = set()
    last_whole: set[int] | None = None
    for number, night in enumerate(nights):
        ever |= night
        taken = snapshot(*(row(n) for n in sorted(night)), at=NOW + timedelta(days=number),
                         whole=whole[number])  # fmt: skip
        known = merged(known, taken, mark)
        last_whole = night if whole[number] else last_whole
        assert {int(one.row.row_id) for one in known} == ever
        for one in known:
            if int(one.row.row_id) in night:
                assert not one.gone
            elif one.gone:
                assert last_whole is not None


def test_a_hint_is_kept_under_the_pepper_only() -> None:
    plain = row(hints=(Hint("last8", "abcdefgh"),))
    (hint,) = keyed(plain, PEPPER).hints
    assert hint.value == PEPPER.hint("issuer", "last8", "abcdefgh")
    assert "abcdefgh" not in hint.value
    assert PEPPER.hint("other", "last8", "abcdefgh") != hint.value
    assert Pepper("p2", b"j" * 32).hint("issuer", "last8", "abcdefgh") != hint.value
    assert "abcdefgh" not in repr(plain)


def test_a_row_alone_is_judged_with_room_for_the_lists_delay() -> None:
    (alone,) = told([], [listed(row(expires=Truth.NO))], KINDS)
    assert alone.kind.verification is not None
    assert alone.kind.verification.proof_gap_seconds >= 3600
    assert alone.fingerprint != FP
