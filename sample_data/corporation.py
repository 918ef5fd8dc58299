"""A made-up company of any size with ten years of history, and what is really true of it.

The same seed makes the same company. Three personnel systems number their workers from 1 each;
people are renamed, rehired, taken on from contracts, and work for two employers; addresses and
logins are given to somebody new; machines and shared accounts hold credentials like anybody else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from correlate.model import (
    DirectoryAccount,
    Employment,
    Identity,
    PeopleSnapshot,
    Truth,
    Worker,
    WorkerId,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
YEARS = 10
DOMAIN = "ottershaw.example"
SYSTEMS = ("hr-americas", "hr-contractors", "hr-europe")
_FIRST = [
    "Ada",
    "Amir",
    "Bao",
    "Carmen",
    "Chidi",
    "Dana",
    "Elif",
    "Femi",
    "Gita",
    "Hana",
    "Ines",
    "Ivo",
    "Jane",
    "Jonas",
    "Kofi",
    "Lea",
    "Liam",
    "Mara",
    "Mei",
    "Nadia",
    "Noor",
    "Omar",
    "Otto",
    "Petra",
    "Priya",
    "Quinn",
    "Rosa",
    "Sam",
    "Selma",
    "Tariq",
    "Theo",
    "Uma",
    "Vera",
    "Wei",
    "Yara",
    "Zoe",
]
_LAST = [
    "Abara",
    "Berg",
    "Castro",
    "Dietz",
    "Eriksen",
    "Fontaine",
    "Garcia",
    "Haas",
    "Ito",
    "Jansen",
    "Kaya",
    "Lindqvist",
    "Moreau",
    "Nakamura",
    "Okafor",
    "Pires",
    "Quist",
    "Rossi",
    "Sato",
    "Tanaka",
    "Ueda",
    "Vogel",
    "Weber",
    "Xu",
    "Yilmaz",
    "Zhang",
    "Ozturk",
    "Lee",
    "Smith",
    "Patel",
]
_ENDINGS = [
    "a",
    "ar",
    "as",
    "berg",
    "der",
    "el",
    "en",
    "er",
    "ez",
    "feld",
    "ford",
    "i",
    "ic",
    "ier",
    "in",
    "is",
    "ko",
    "land",
    "ler",
    "ley",
    "man",
    "mann",
    "ne",
    "ner",
    "o",
    "off",
    "ola",
    "on",
    "os",
    "ova",
    "s",
    "sen",
    "ski",
    "son",
    "stein",
    "stra",
    "ton",
    "va",
    "ville",
]
_SMALL = 10_000  # people, up to whom the names above do


@dataclass(slots=True)
class Stay:
    """One employment spell: in which system, under which number, from when to when (None: still)."""

    system: str
    number: str
    since: datetime
    until: datetime | None


@dataclass(slots=True)
class Human:
    """One human being. `logins` and `mails` are as the company gave them, in order."""

    number: int
    name: str
    stays: list[Stay] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    login: str = ""
    github: str = ""
    github_id: str = ""
    known_on_github: bool = False
    in_directory: bool = True
    in_hr: bool = True

    def here(self, at: datetime) -> bool:
        """Whether they work here at an instant."""
        return any(
            stay.since <= at and (stay.until is None or at < stay.until) for stay in self.stays
        )

    @property
    def gone(self) -> bool:
        """Whether they have left for good, as of NOW."""
        return not self.here(NOW)

    @property
    def since(self) -> datetime:
        """When they first came."""
        return self.stays[0].since

    @property
    def until(self) -> datetime:
        """When they last left, or NOW."""
        return max(stay.until or NOW for stay in self.stays)


@dataclass(frozen=True, slots=True)
class Corporation:
    """Everybody who ever worked there, its machines, and its feeds."""

    humans: list[Human]
    machines: list[str]
    snapshots: tuple[PeopleSnapshot, ...]


def build(seed: int, people: int) -> Corporation:
    """Return a company of so many humans, present and past."""
    luck = random.Random(seed)  # noqa: S311  # the same company for the same seed
    desk = _Desk(luck, _LAST if people <= _SMALL else [a + b for a in _LAST for b in _ENDINGS])
    humans = [desk.hire(number) for number in range(people)]
    machines = [f"svc-{name}" for name in ("build", "deploy", "report", "backup", "agent")]
    return Corporation(humans, machines, tuple(_snapshots(humans, machines, luck)))


@dataclass(slots=True)
class _Desk:
    """Hires people one after another, in the order in which they came."""

    luck: random.Random
    families: list[str]
    numbers: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SYSTEMS, 0))
    free_at: dict[str, datetime] = field(default_factory=dict)  # when a handle was given back

    def hire(self, number: int) -> Human:
        luck = self.luck
        name = f"{luck.choice(_FIRST)} {luck.choice(self.families)}"
        human = Human(number, name)
        start = NOW - timedelta(days=luck.randrange(30, 365 * YEARS))
        end = self._end(start)
        human.stays.append(self._stay(luck.choice(SYSTEMS), start, end))
        self._go_on(human)
        human.mails.append(self._handle(name.lower().replace(" ", "."), human, f"@{DOMAIN}"))
        human.login = self._handle(name[0].lower() + name.split()[1].lower(), human, "")
        if luck.random() < 0.03:  # noqa: PLR2004  # a new name, and with it a new address
            human.name = (
                f"{name.split(maxsplit=1)[0]} {luck.choice(self.families)}-{name.split()[1]}"
            )
            human.mails.append(
                self._handle(human.name.lower().replace(" ", "."), human, f"@{DOMAIN}")
            )
        human.github_id = str(1_000_000 + number * 7)
        human.github = f"{human.login}-{number % 997:x}" if luck.random() < 0.7 else f"gh{number:x}"  # noqa: PLR2004
        human.known_on_github = luck.random() < 0.97  # noqa: PLR2004
        human.in_hr = luck.random() < 0.99  # noqa: PLR2004
        human.in_directory = not human.in_hr or luck.random() < 0.98  # noqa: PLR2004
        return human

    def _end(self, start: datetime) -> datetime | None:
        if self.luck.random() < 0.4:  # noqa: PLR2004
            return None
        end = start + timedelta(days=self.luck.randrange(60, 2500))
        return end if end < NOW - timedelta(days=1) else None

    def _stay(self, system: str, since: datetime, until: datetime | None) -> Stay:
        self.numbers[system] += 1
        return Stay(system, f"{self.numbers[system]:06d}", since, until)

    def _go_on(self, human: Human) -> None:
        """Some come back, are taken on after a contract, or work for a second employer."""
        luck, last = self.luck, human.stays[-1]
        chance = luck.random()
        if last.until is None:
            if chance < 0.02 and last.since < NOW - timedelta(days=400):  # noqa: PLR2004
                other = luck.choice([one for one in SYSTEMS if one != last.system])
                second = self._stay(other, last.since + timedelta(days=90), None)
                if luck.random() < 0.5:  # noqa: PLR2004  # and left it again
                    second.until = NOW - timedelta(days=luck.randrange(5, 200))
                human.stays.append(second)
            return
        if chance < 0.06:  # noqa: PLR2004
            again = last.until + timedelta(days=luck.randrange(100, 900))
            if again < NOW - timedelta(days=10):
                human.stays.append(Stay(last.system, last.number, again, None))
        elif chance < 0.11 and last.until < NOW - timedelta(days=20):  # noqa: PLR2004
            other = luck.choice([one for one in SYSTEMS if one != last.system])
            human.stays.append(
                self._stay(other, last.until + timedelta(days=luck.randrange(0, 20)), None)
            )

    def _handle(self, wanted: str, human: Human, tail: str) -> str:
        """Return a handle that nobody holds at the time; one that was given back may come again."""
        for number in range(1, 1_000_000):
            made = f"{wanted}{number if number > 1 else ''}{tail}"
            free = self.free_at.get(made)
            if free is None or free + timedelta(days=180) < human.since:
                self.free_at[made] = human.until if human.gone else NOW + timedelta(days=1)
                return made
        raise AssertionError("every handle is taken")


def _snapshots(
    humans: list[Human], machines: list[str], luck: random.Random
) -> Iterator[PeopleSnapshot]:
    rows: dict[str, list[Worker]] = {system: [] for system in SYSTEMS}
    accounts: list[DirectoryAccount] = []
    for human in humans:
        for stay in human.stays if human.in_hr else ():
            rows[stay.system].append(_worker(human, stay))
        if human.in_directory:
            accounts.append(_account(human, luck))
    accounts += (_machine(name) for name in machines)
    for system in SYSTEMS:
        yield PeopleSnapshot(system, NOW, True, "made up", tuple(rows[system]))  # noqa: FBT003
    yield PeopleSnapshot("directory", NOW, True, "made up", accounts=tuple(accounts))  # noqa: FBT003


def _worker(human: Human, stay: Stay) -> Worker:
    github = (Identity("github", human.github),) if human.known_on_github else ()
    return Worker(
        WorkerId(stay.number),
        f"{stay.since:%Y-%m-%d}",
        human.name,
        Employment.LEFT if stay.until else Employment.ACTIVE,
        tuple(human.mails),
        github,
        worker_type="contractor" if stay.system == "hr-contractors" else "employee",
        starts_at=stay.since,
        ends_at=stay.until,
    )


def _account(human: Human, luck: random.Random) -> DirectoryAccount:
    numbered = luck.random() < 0.9  # noqa: PLR2004
    return DirectoryAccount(
        f"{human.number:08d}",
        human.login,
        human.name,
        tuple(reversed(human.mails)),
        WorkerId(human.stays[-1].number) if numbered and human.in_hr else None,
        Truth.NO if human.gone and luck.random() < 0.9 else Truth.YES,  # noqa: PLR2004
        expires_at=human.until if human.gone and not human.in_hr else None,
        created_at=human.since,
    )


def _machine(name: str) -> DirectoryAccount:
    return DirectoryAccount(
        f"id-{name}", name, name, (f"{name}@{DOMAIN}",), enabled=Truth.YES, service=Truth.YES
    )
