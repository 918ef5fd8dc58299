"""How the cases that offkey makes of a made-up company compare with what is really true of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from correlate.identity import People
from correlate.model import PersonId
from correlate.verdict import Case, CaseKind
from sample_data.corporation import NOW, Corporation, Human
from sample_data.corporation_secrets import Planted

_HELD = (CaseKind.F1, CaseKind.F2)


@dataclass(frozen=True, slots=True)
class Score:
    """`right` of `named` leavers truly own what they are said to; `found` of the `owned` live
    credentials of leavers whose issuer names them are said to be theirs. `living` are cases held
    against somebody who works there, or against two humans taken for one; `unlisted` are live
    credentials that nobody is said to own and no listing holds.
    """

    named: int
    right: int
    owned: int
    found: int
    living: int
    unlisted: int

    @property
    def precision(self) -> float:
        """The share of "this leaver owns it" that is true."""
        return self.right / self.named

    @property
    def recall(self) -> float:
        """The share of leavers' credentials, their issuer naming them, that is held against them."""
        return self.found / self.owned


def score(
    company: Corporation,
    planted: Iterable[Planted],
    people: People,
    cases: Iterable[Case],
    listed: Collection[str],
) -> Score:
    """Return how well cases fit the truth. `listed` are the short fingerprints of the credentials
    that a report lists as nobody's.
    """
    humans = _humans(company, people)
    held = [case for case in cases if case.kind in _HELD]
    owners = {case.fingerprint: case.person for case in held if case.kind is CaseKind.F1}
    truth = {item.fingerprint: item for item in planted}
    right = sum(_is(humans, person, truth[one].owner) for one, person in owners.items())
    owned = [item for item in truth.values() if _live(item) and _named(item) and _gone(item.owner)]
    return Score(
        len(owners),
        right,
        len(owned),
        sum(_is(humans, owners.get(item.fingerprint), item.owner) for item in owned),
        sum(not _left(humans.get(case.person)) for case in held if case.person),
        sum(_nobodys(one) and one.fingerprint.short not in listed for one in truth.values()),
    )


def _humans(company: Corporation, people: People) -> Mapping[PersonId, Human | None]:
    """Return the human that each person is, None where two humans were taken for one."""
    by_spell = {
        (stay.number, stay.since, tuple(human.mails)): human
        for human in company.humans
        for stay in human.stays
    }
    found: dict[PersonId, Human | None] = {}
    for name, person in people.persons.items():
        spells = ((str(one.worker_id), one.starts_at, one.emails) for one in person.spells)
        meant = {_human(by_spell, spell).number for spell in spells}
        meant |= {int(one.account_id) for one in person.accounts if one.account_id.isdigit()}
        found[name] = company.humans[meant.pop()] if len(meant) == 1 else None
    return found


def _human(
    by_spell: Mapping[tuple[str, datetime, tuple[str, ...]], Human],
    spell: tuple[str, datetime | None, tuple[str, ...]],
) -> Human:
    number, since, mails = spell
    if since is None:
        raise AssertionError("every spell of this company has a start")
    return by_spell[number, since, mails]


def _is(
    humans: Mapping[PersonId, Human | None], person: PersonId | None, owner: Human | None
) -> bool:
    return owner is not None and person is not None and humans.get(person) is owner


def _left(human: Human | None) -> bool:
    return human is not None and not human.here(NOW)


def _gone(owner: Human | None) -> bool:
    return owner is not None and owner.gone


def _live(item: Planted) -> bool:
    return item.answer is not None and item.answer.state.usable


def _named(item: Planted) -> bool:
    return item.answer is not None and bool(item.answer.identities)


def _nobodys(item: Planted) -> bool:
    """Whether a live credential is no human's, or its issuer names nobody."""
    return _live(item) and (item.owner is None or not _named(item))
