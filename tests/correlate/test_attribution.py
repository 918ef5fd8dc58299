"""Claims rest on the issuer's word, on a person's own hand, and on time that overlaps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlate.attribution import (
    KNOWING,
    NAMING,
    asked_about,
    claims,
    introduced_at,
    resolved,
    unresolved,
)
from correlate.departure import standing
from correlate.identity import handles
from correlate.linking import link
from correlate.model import (
    DirectoryAccount,
    Exposure,
    Identity,
    Liveness,
    LivenessState,
    Reader,
    Touch,
    Truth,
    Worker,
)
from correlate.verdict import Claim, Relation
from tests.correlate.cast import (
    FP,
    NOW,
    account,
    answer,
    author,
    day,
    exposure,
    mail,
    snapshot,
    worker,
)


def made(
    workers: list[Worker],
    exposures: list[Exposure],
    said: Liveness | None = None,
    accounts: tuple[DirectoryAccount, ...] = (),
) -> dict[tuple[str, str], Claim]:
    people = link([snapshot(*workers), snapshot(accounts=accounts, feed="ldap")])
    standings = {key: standing(person, NOW) for key, person in people.persons.items()}
    readers = [reader for one in exposures if one.trace for reader in one.trace.readers]
    access = {("repos", "payments"): resolved(readers, people)}
    found = claims(FP, exposures, said, people, standings, access)
    return {(claim.person, claim.relation.value): claim for claim in found}


JANE = worker("1", "jane@x.example", login="janed", end="2026-06-30")
OMAR = worker("2", "omar@x.example")


def test_the_issuer_names_the_owner_and_the_author_only_introduced() -> None:
    place = exposure(author("omar@x.example", "2025-02-01"))
    found = made([JANE, OMAR], [place], answer(LivenessState.LIVE, Identity("github", "JaneD")))
    assert found["1", "owns"].strength >= NAMING
    assert ("2", "owns") not in found
    assert found["2", "introduced"].strength == 0.65


@pytest.mark.parametrize(
    ("said", "owned"),
    [
        (answer(LivenessState.LIVE, Identity("github", "janed")), True),
        (answer(LivenessState.LIVE, mail("jane@x.example")), True),
        (answer(LivenessState.LIVE, Identity("github", "janed"), person=Truth.NO), False),
        (answer(LivenessState.LIVE, Identity("github", "stranger")), False),
        (answer(LivenessState.LIVE), False),
        (None, False),
    ],
)
def test_who_owns(said: Liveness | None, owned: bool) -> None:
    found = made([JANE], [exposure(author("jane@x.example", "2025-01-01"))], said)
    assert (("1", "owns") in found) is owned


@pytest.mark.parametrize(
    ("identity", "names"),
    [
        (Identity("aws-user", "jd"), True),
        (Identity("aws-user", "jane@x.example"), True),
        (Identity("npm", "jd"), False),
        (Identity("huggingface", "jd"), False),
    ],
)
def test_a_login_names_an_owner_only_where_we_give_the_names(
    identity: Identity,
    names: bool,
) -> None:
    joined = (account("jd", worker_id="1"),)
    found = made([JANE], [exposure()], answer(LivenessState.LIVE, identity), joined)
    assert (found["1", "owns"].strength >= NAMING) is names


def test_a_reused_address_in_the_answer_means_its_holder_when_the_text_appeared() -> None:
    former = worker("1", "sam@x.example", start="2019-01-01", end="2023-03-31")
    later = worker("2", "sam@x.example", start="2024-02-01")
    place = exposure(author("sam@x.example", "2022-01-01"))
    found = made([former, later], [place], answer(LivenessState.LIVE, mail("sam@x.example")))
    assert set(found) == {("1", "owns"), ("1", "introduced")}


@pytest.mark.parametrize(
    ("role", "strength"),
    [("author", 0.65), ("committer", 0.45), ("creator", 0.9), ("owner", 0.65), ("odd", 0.45)],
)
def test_how_far_a_role_carries(role: str, strength: float) -> None:
    found = made([OMAR], [exposure(author("omar@x.example", "2025-01-01", role))])
    assert found["2", "introduced"].strength == strength


HINT = mail("omar@x.example")


@pytest.mark.parametrize(
    ("who", "role", "hint", "strengths"),
    [
        ("o@home.example", "author", HINT, {"2": 0.55}),
        ("o@home.example", "committer", HINT, {"2": 0.45}),
        ("o@home.example", "author", mail("who@y.example"), {}),
        ("o@home.example", "author", mail("ci@x.example"), {}),
        ("jane@x.example", "author", HINT, {"1": 0.65}),  # whoever is known stays who they are
        ("ci@x.example", "author", HINT, {}),  # and a machine a machine
        ("team@x.example", "author", HINT, {"1": 0.6, "3": 0.6}),
        ("o@home.example", "author", mail("team@x.example"), {}),
    ],
)
def test_a_mailmap_tells_whom_nobody_else_knows(
    who: str, role: str, hint: Identity, strengths: dict[str, float]
) -> None:
    crew = [
        worker("1", "jane@x.example", "team@x.example"),
        OMAR,
        worker("3", "team@x.example"),
    ]
    place = exposure(replace(author(who, "2025-01-01", role), hint=hint))
    found = made(crew, [place], answer(LivenessState.LIVE, mail("o@home.example")))
    assert {person: claim.strength for (person, _), claim in found.items()} == strengths


def test_a_mailmaps_word_is_told_as_such_and_makes_nobody_an_owner() -> None:
    place = exposure(replace(author("o@home.example", "2025-01-01"), hint=HINT))
    found = made([OMAR], [place], answer(LivenessState.LIVE, mail("o@home.example")))
    (claim,) = found.values()
    assert claim.relation is Relation.INTRODUCED
    assert claim.grounds[0].text.endswith(", by the repository's own .mailmap")
    assert {"o@home.example", "omar@x.example"} <= handles(asked_about([place], None))
    assert unresolved([place], link([snapshot(OMAR)])) == ()
    assert unresolved([place], link([snapshot(JANE)])) == (mail("o@home.example"),)


def test_a_verified_signature_tells_most_and_a_strange_key_nothing() -> None:
    holder = replace(OMAR, identities=(Identity("ssh-key", "SHA256:Abc+/9"),))
    for handle, strength in (("SHA256:Abc+/9", 0.8), ("SHA256:other", 0.65)):
        signer = Touch(Identity("ssh-key", handle), "signer", day("2025-01-01"))
        place = exposure(author("omar@x.example", "2025-01-01"), signer)
        assert made([holder], [place])["2", "introduced"].strength == strength
        assert unresolved([place], link([snapshot(holder)])) == ()


def test_a_commit_outside_the_holders_dates_carries_less() -> None:
    found = made([JANE], [exposure(author("jane@x.example", "2026-09-01"))])
    assert found["1", "introduced"].strength == KNOWING


@pytest.mark.parametrize(
    ("introduced", "since", "until", "could"),
    [
        ("2025-01-01", "2024-01-01", "", True),
        ("2025-01-01", "2026-01-01", "", True),
        ("2026-08-01", "2024-01-01", "", False),  # put there after Jane left
        ("2025-06-01", "2024-01-01", "2025-01-01", False),  # her access had ended
        ("2024-06-01", "2024-01-01", "2025-01-01", True),
    ],
)
def test_reading_needs_time_that_overlaps(
    introduced: str,
    since: str,
    until: str,
    could: bool,
) -> None:
    reader = Reader(
        mail("jane@x.example"), "committed here", day(since), day(until) if until else None
    )
    place = exposure(author("omar@x.example", introduced), readers=(reader,))
    assert (("1", "could_read") in made([JANE, OMAR], [place])) is could


def test_bots_and_strangers_are_listed_not_linked() -> None:
    place = exposure(author("ci@x.example", "2025-01-01"), author("who@y.example", "2025-01-02"))
    people = link([snapshot(OMAR)])
    assert made([OMAR], [place]) == {}
    assert unresolved([place], people) == (mail("ci@x.example"), mail("who@y.example"))


def test_a_login_of_ours_is_nobody_unknown() -> None:
    touch = Touch(Identity("jupyter", "jd"), "owner", None)
    people = link([snapshot(OMAR, accounts=(account("jd", worker_id="2"),))])
    assert unresolved([exposure(touch)], people) == ()
    assert unresolved([exposure(replace(touch, identity=Identity("npm", "jd")))], people) != ()


def test_claims_come_strongest_first_and_grounds_are_not_repeated() -> None:
    twice = exposure(author("omar@x.example", "2025-01-01"))
    people = link([snapshot(OMAR)])
    said = answer(LivenessState.LIVE, mail("omar@x.example"))
    found = claims(FP, [twice, twice], said, people, {})
    assert [claim.relation for claim in found] == [Relation.OWNS, Relation.INTRODUCED]
    assert [len(claim.grounds) for claim in found] == [1, 1]


def test_introduction_is_the_oldest_touch() -> None:
    place = exposure(author("b@x.example", "2025-03-01"), author("a@x.example", "2024-03-01"))
    assert place.trace is not None
    assert introduced_at(place.trace) == day("2024-03-01")


def test_an_account_that_several_share_is_nobodys_own_and_each_could_read_it() -> None:
    shared = "team@x.example"
    crew = [
        worker("1", shared, end="2026-06-30"),
        worker("2", shared),
        worker("3", shared, end="2024-12-31"),
    ]
    place = exposure(author(shared, "2025-02-01"))
    found = made(crew, [place], answer(LivenessState.LIVE, mail(shared)))
    assert set(found) == {("1", "could_read"), ("2", "could_read")}
    assert "an account that 2 people shared" in found["1", "could_read"].grounds[0].text
