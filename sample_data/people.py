"""What is known of a person of the fictional company: spells of work and a directory account."""

from __future__ import annotations

from dataclasses import dataclass, field

DOMAIN = "fennelandrye.example"


@dataclass(frozen=True, slots=True)
class Spell:
    """One row of the personnel file. Dates are ISO days in the worker's zone, empty for none."""

    hired: str
    status: str = "active"
    last_working_day: str = ""
    ends: str = ""
    worker_type: str = "employee"


@dataclass(frozen=True, slots=True)
class Account:
    """A directory entry. `locked` is what pwdAccountLockedTime holds; `expires` an ISO day."""

    uid: str
    aliases: tuple[str, ...] = ()
    locked: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One human. Without spells the personnel file does not know them, without an account
    the directory does not. `shows` says what the person is there to show.
    """

    id: str
    first: str
    last: str
    email: str
    github: str = ""
    zone: str = "Europe/London"
    manager: str = "100101"
    previous: tuple[str, ...] = ()
    spells: tuple[Spell, ...] = ()
    account: Account | None = None
    github_id: int = 0
    shows: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """First and last name, as git and the directory write it."""
        return f"{self.first} {self.last}"


# slapo-ppolicy(5): this value locks an account for good, any other is the time of a lock
# after wrong passwords, which ends by itself
LOCKED_FOR_GOOD = "000001010000Z"
