"""The credentials of a made-up company: where they stand, what issuers say, whose they truly are."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from correlate.kind import Kind, Verification
from correlate.model import (
    Exposure,
    Identity,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    Reader,
    Touch,
    Trace,
    Truth,
)
from correlate.ports_store import Transaction
from correlate.secret import Fingerprint
from sample_data.corporation import DOMAIN, NOW, Corporation, Human

KIND = Kind(
    KindId("made-up"), "issuer", "Made-up token", "x", ("x",), "source", "x",
    verification=Verification("http", "https://issuer.example", "doc", proof_gap_seconds=600),
)  # fmt: skip
TEAM = 25
SOURCE = "repos"
_CONFUSABLE = str.maketrans("aeo", "\u0430\u0435\u043e")  # Cyrillic letters that look like them


@dataclass(frozen=True, slots=True)
class Planted:
    """One credential and the truth of it: `owner` None where no human owns it. `told`: its issuer
    names the owner in some way that the company has on record.
    """

    exposures: tuple[Exposure, ...]
    answer: Liveness | None
    owner: Human | None
    told: bool

    @property
    def fingerprint(self) -> Fingerprint:
        """The credential's."""
        return self.exposures[0].fingerprint


def plant(
    company: Corporation, seed: int, credentials: int, places: int, kind: KindId = KIND.id
) -> Iterator[Planted]:
    """Yield so many credentials of a kind that stand in so many places altogether."""
    luck = random.Random(seed)  # noqa: S311  # the same credentials for the same seed
    left = places
    names = sorted(_digest(str(number)) for number in range(credentials))  # as the store keeps them
    for number, name in enumerate(names):
        mean = left / (credentials - number)
        count = min(max(1, int(luck.expovariate(1 / mean)) + 1), left - (credentials - number - 1))
        left -= count
        yield _Planter(company, luck, number, name, kind).plant(max(1, count))


def readers(team: list[Human]) -> tuple[Reader, ...]:
    """Return who committed to a team's repositories: all who were ever in it."""
    why = "committed to the repository"
    return tuple(Reader(Identity("mail", one.mails[0]), why, one.since) for one in team)


def teams(company: Corporation) -> list[list[Human]]:
    """Return the humans by the teams that they are in."""
    count = max(1, len(company.humans) // TEAM)
    return [company.humans[number::count] for number in range(count)]


def register(company: Corporation, tx: Transaction) -> None:
    """Keep what the company's feeds say, and who could read which of its repositories."""
    for taken in company.snapshots:
        tx.people.save_snapshot(taken)
    for number, team in enumerate(teams(company)):
        for name in repositories(number):
            tx.access.save_readers((SOURCE, name), readers(team), NOW)


def keep(planted: Sequence[Planted], tx: Transaction) -> None:
    """Keep where credentials stand, and what their issuers answered."""
    tx.scans.save_exposures([place for one in planted for place in one.exposures], NOW)
    tx.scans.save_answers(
        [(one.fingerprint, one.exposures[0].kind, one.answer) for one in planted if one.answer]
    )


def repositories(number: int) -> tuple[str, str]:
    """Return the names of a team's repositories."""
    return f"team-{number}/service", f"team-{number}/notebooks"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Planter:
    company: Corporation
    luck: random.Random
    number: int
    name: str
    kind: KindId

    def plant(self, places: int) -> Planted:
        luck = self.luck
        holder = luck.choice(self.company.humans)
        made_at = holder.since + (holder.until - holder.since) * luck.random()
        chance = luck.random()
        owner = holder if chance < 0.88 else None  # noqa: PLR2004
        fingerprint = Fingerprint("p1", self.name)
        if owner is not None:
            identities, told = self._names(owner)
        elif chance < 0.92:  # noqa: PLR2004
            identities, told = (
                (Identity("mail", f"{luck.choice(self.company.machines)}@{DOMAIN}"),),
                False,
            )
        elif chance < 0.95:  # noqa: PLR2004
            identities, told = (Identity("login", "team-shared"),), False
        else:
            identities, told = (Identity("github", f"stranger{self.number}"),), False
        answer = self._answer(identities, made_at)
        exposures = tuple(
            self._exposure(fingerprint, holder, made_at, place) for place in range(places)
        )
        return Planted(exposures, answer, owner, told and answer is not None)

    def _names(self, owner: Human) -> tuple[tuple[Identity, ...], bool]:
        """Return how an issuer names the owner, and whether the company can know whom it means."""
        chance = self.luck.random()
        if chance < 0.4:  # noqa: PLR2004
            return (Identity("mail", self.luck.choice(owner.mails)),), True
        if chance < 0.6:  # noqa: PLR2004
            return (
                Identity("github", owner.github.upper()),
            ), owner.known_on_github and owner.in_hr
        if chance < 0.8:  # noqa: PLR2004
            system = "gitlab" if chance < 0.7 else "aws-user"  # noqa: PLR2004
            return (Identity(system, owner.login),), owner.in_directory
        return (), False

    def _answer(self, identities: tuple[Identity, ...], made_at: datetime) -> Liveness | None:
        chance = self.luck.random()
        if chance > 0.6:  # noqa: PLR2004
            return None
        state = LivenessState.LIVE if chance < 0.25 else LivenessState.DEAD  # noqa: PLR2004
        created = made_at if self.luck.random() < 0.7 else None  # noqa: PLR2004
        return Liveness(
            state, NOW, state.value, "issuer.example", "GET", 200, identities,
            owner_is_person=Truth.UNKNOWN, created_at=created,
        )  # fmt: skip

    def _exposure(
        self, fingerprint: Fingerprint, holder: Human, made_at: datetime, place: int
    ) -> Exposure:
        luck = self.luck
        groups = max(1, len(self.company.humans) // TEAM)
        team = holder.number % groups
        container = luck.choice(repositories(team))
        item = hashlib.sha1(f"{self.number}.{place}".encode(), usedforsecurity=False).hexdigest()
        locator = Locator(SOURCE, container, item, "", luck.randrange(1, 400))
        at = made_at + timedelta(minutes=luck.randrange(1, 600))
        touch = Touch(self._author(holder, at), "author", at, holder.name, item)
        trace = Trace(locator, f"src/settings_{place}.py", (touch,), (), Truth.YES, Truth.YES)
        medium = Medium.FILE if container.endswith("service") else Medium.NOTEBOOK_OUTPUT
        return Exposure(fingerprint, self.kind, locator, medium, trace=trace)

    def _author(self, holder: Human, at: datetime) -> Identity:
        """Return how the commit names its author: mostly the holder, by one of many spellings."""
        luck = self.luck
        if luck.random() < 0.2:  # noqa: PLR2004
            groups = max(1, len(self.company.humans) // TEAM)
            mates = self.company.humans[holder.number % groups :: groups]
            present = [one for one in mates if one.here(at)]
            holder = luck.choice(present) if present else holder
        chance, mail = luck.random(), holder.mails[0]
        if chance < 0.7:  # noqa: PLR2004
            return Identity("mail", mail.title() if chance < 0.1 else mail)  # noqa: PLR2004
        if chance < 0.85:  # noqa: PLR2004
            return Identity("mail", f"{holder.github_id}+{holder.github}@users.noreply.github.com")
        if chance < 0.9:  # noqa: PLR2004
            return Identity("mail", f"{holder.github}@users.noreply.github.com")
        if chance < 0.95:  # noqa: PLR2004
            return Identity("mail", f"{holder.name.split()[0].lower()}{holder.number}@mail.example")
        if chance < 0.98:  # noqa: PLR2004
            return Identity("mail", "49699333+dependabot[bot]@users.noreply.github.com")
        return Identity("mail", mail.translate(_CONFUSABLE))
