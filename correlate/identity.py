"""Which person held an account at an instant. Names are never enough; bots are never persons."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from correlate.model import DirectoryAccount, Identity, PeopleSnapshot, PersonId, Worker, WorkerId
from correlate.verdict import Correction, Holding, Person

# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference
_NOREPLY = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com")
_BOT = re.compile(
    r"\[bot\]|^(?:noreply|no-reply|ci|build|jenkins|root|bot|automation|deploy)@", re.IGNORECASE
)


def fold(identity: Identity) -> Identity:
    """Return the identity in the form used for comparison: NFKC, case-folded, trimmed.

    A GitHub no-reply address becomes the login it names. Dots and plus-tags stay: two
    addresses that differ in them may be two people.
    """
    handle = unicodedata.normalize("NFKC", identity.handle).casefold().strip()
    if identity.system == "mail":
        noreply = _NOREPLY.fullmatch(handle)
        if noreply:
            return Identity("github", noreply["login"])
    return Identity(identity.system, handle)


def is_bot(identity: Identity) -> bool:
    """Whether an identity is a machine's by its very form, and so is never tied to a person."""
    return bool(_BOT.search(identity.handle)) or identity.handle == "noreply@github.com"


class Match(StrEnum):
    """How an identity met a person."""

    HELD = "held"  # exactly one person held it then
    OUTSIDE = "outside"  # only one person ever held it, but not then
    NONE = "none"
    AMBIGUOUS = "ambiguous"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Link:
    """The answer to "whose was this then": a person, or why there is none."""

    match: Match
    person: PersonId | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Everybody known, and who held which identity when."""

    persons: Mapping[PersonId, Person]
    held: Mapping[Identity, tuple[tuple[PersonId, Holding], ...]]
    corrected: Mapping[Identity, tuple[tuple[PersonId, Holding], ...]] = field(default_factory=dict)

    def who(self, identity: Identity, at: datetime | None) -> Link:
        """Return who held `identity` at the instant `at` (None: at any time).

        A holder by correction wins over all that feeds say. A holder at that instant comes
        next. Where nobody held it then, a sole holder of all time is named as OUTSIDE; with
        several the answer is AMBIGUOUS, never a guess.
        """
        folded = fold(identity)
        said = [
            (person, hold)
            for person, hold in self.corrected.get(folded, ())
            if at is None or _covers(hold, at)
        ]
        if len({person for person, _ in said}) == 1:
            return Link(Match.HELD, said[0][0], said[0][1].source)
        if said:
            return Link(Match.AMBIGUOUS)
        if is_bot(identity):
            return Link(Match.BOT)
        holders = self.held.get(folded, ())
        then = [(person, hold) for person, hold in holders if at is None or _covers(hold, at)]
        for candidates, match in ((then, Match.HELD), (list(holders), Match.OUTSIDE)):
            named = {person for person, _ in candidates}
            if len(named) == 1:
                return Link(match, candidates[0][0], candidates[0][1].source)
            if named:
                return Link(Match.AMBIGUOUS)
        return Link(Match.NONE)


def _covers(hold: Holding, at: datetime) -> bool:
    return (hold.since is None or hold.since <= at) and (hold.until is None or at <= hold.until)


def link(snapshots: Iterable[PeopleSnapshot], corrections: Iterable[Correction] = ()) -> People:
    """Join what all feeds say into persons, and correct it by what people said, oldest first.

    Workers with the same id are one person with several spells. An account joins the
    worker whose id it carries, else the sole worker holding one of its addresses; an
    account that no worker explains is a person of its own ("directory:LOGIN"). A correction
    of somebody whom no feed knows any more is without effect.
    """
    snapshots = tuple(snapshots)
    persons = _from_workers(worker for snap in snapshots for worker in snap.workers)
    by_mail = _holders_of_mail(persons.values())
    for snap in snapshots:
        for account in snap.accounts:
            owner = _owner_of(account, persons, by_mail)
            known = persons.get(owner, Person(owner, account.name or account.login))
            persons[owner] = _with_account(known, account, snap.feed)
    last = {(one.identity, one.person): one for one in corrections if one.person in persons}
    for (identity, owner), one in last.items():
        if not one.holds:
            persons[owner] = _without(persons[owner], identity)
    corrected: dict[Identity, list[tuple[PersonId, Holding]]] = defaultdict(list)
    for (identity, owner), one in last.items():
        if one.holds:
            hold = Holding(identity, one.since, one.until, f"correction by {one.by}")
            corrected[identity].append((owner, hold))
    return People(
        persons,
        _index(persons.values()),
        {identity: tuple(held) for identity, held in corrected.items()},
    )


def _without(person: Person, identity: Identity) -> Person:
    kept = tuple(hold for hold in person.holdings if hold.identity != identity)
    return replace(person, holdings=kept)


def _from_workers(workers: Iterable[Worker]) -> dict[PersonId, Person]:
    spells: dict[WorkerId, list[Worker]] = defaultdict(list)
    for worker in workers:
        spells[worker.worker_id].append(worker)
    persons = {}
    for worker_id, rows in spells.items():
        rows.sort(key=lambda row: (row.starts_at is not None, row.starts_at, row.spell))
        holdings = tuple(hold for row in rows for hold in _holdings(row))
        person = PersonId(str(worker_id))
        persons[person] = Person(person, rows[-1].name, tuple(rows), (), holdings)
    return persons


def _holdings(row: Worker) -> Iterable[Holding]:
    identities = [Identity("mail", mail) for mail in row.emails] + list(row.identities)
    for identity in identities:
        yield Holding(fold(identity), row.starts_at, row.ends_at, "personnel feed")


def _holders_of_mail(persons: Iterable[Person]) -> dict[str, set[PersonId]]:
    holders: dict[str, set[PersonId]] = defaultdict(set)
    for person in persons:
        for hold in person.holdings:
            if hold.identity.system == "mail":
                holders[hold.identity.handle].add(person.id)
    return holders


def _owner_of(
    account: DirectoryAccount,
    persons: Mapping[PersonId, Person],
    by_mail: Mapping[str, set[PersonId]],
) -> PersonId:
    if account.worker_id and PersonId(account.worker_id) in persons:
        return PersonId(account.worker_id)
    mails = [fold(Identity("mail", mail)).handle for mail in account.emails]
    found = set().union(*(by_mail.get(mail, set()) for mail in mails)) if mails else set()
    if len(found) == 1 and not account.worker_id:
        return found.pop()
    return PersonId(f"directory:{account.login}")


def _with_account(person: Person, account: DirectoryAccount, feed: str) -> Person:
    identities = [
        Identity("directory", account.account_id),
        Identity("login", account.login),
        *(Identity("mail", mail) for mail in account.emails),
    ]
    spans: Sequence[tuple[datetime | None, datetime | None]] = [
        (row.starts_at, row.ends_at) for row in person.spells
    ] or [(None, account.expires_at)]
    held = {(hold.identity, hold.since, hold.until) for hold in person.holdings}
    added = tuple(
        Holding(fold(identity), since, until, f"directory {feed}")
        for identity in identities
        for since, until in spans
        if (fold(identity), since, until) not in held
    )
    return replace(
        person, accounts=(*person.accounts, account), holdings=(*person.holdings, *added)
    )


def _index(
    persons: Iterable[Person],
) -> Mapping[Identity, tuple[tuple[PersonId, Holding], ...]]:
    index: dict[Identity, list[tuple[PersonId, Holding]]] = defaultdict(list)
    for person in persons:
        for hold in person.holdings:
            index[hold.identity].append((person.id, hold))
    return {identity: tuple(held) for identity, held in index.items()}
