"""A small cast for the rules' tests: people, places and answers made in one line each."""

from __future__ import annotations

from datetime import UTC, datetime

from correlate.model import (
    DirectoryAccount,
    Employment,
    Exposure,
    Identity,
    KindId,
    Liveness,
    LivenessState,
    Locator,
    Medium,
    PeopleSnapshot,
    Reader,
    Touch,
    Trace,
    Truth,
    Worker,
    WorkerId,
)
from correlate.secret import Fingerprint

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FP = Fingerprint("p1", "0a" * 32)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def worker(
    number: str,
    *mails: str,
    start: str = "2020-01-01",
    end: str = "",
    employment: Employment = Employment.ACTIVE,
    last_day: str = "",
    login: str = "",
) -> Worker:
    return Worker(
        WorkerId(number),
        start,
        f"Person {number}",
        employment,
        mails,
        (Identity("github", login),) if login else (),
        starts_at=day(start) if start else None,
        ends_at=day(end) if end else None,
        last_working_at=day(last_day) if last_day else None,
    )


def account(
    login: str,
    *mails: str,
    worker_id: str = "",
    enabled: Truth = Truth.YES,
    expires: str = "",
    deleted: bool = False,
) -> DirectoryAccount:
    return DirectoryAccount(
        f"id-{login}",
        login,
        login,
        mails,
        WorkerId(worker_id) if worker_id else None,
        enabled,
        deleted,
        day(expires) if expires else None,
    )


def snapshot(
    *workers: Worker, accounts: tuple[DirectoryAccount, ...] = (), feed: str = "hr"
) -> PeopleSnapshot:
    return PeopleSnapshot(feed, NOW, True, "d", workers, accounts)  # noqa: FBT003


def mail(handle: str) -> Identity:
    return Identity("mail", handle)


def author(handle: str, at: str, role: str = "author") -> Touch:
    return Touch(mail(handle), role, day(at), commit="c" * 40)


def exposure(
    *touches: Touch,
    readers: tuple[Reader, ...] = (),
    medium: Medium = Medium.FILE,
    path: str = "a.py",
    kind: str = "kind",
) -> Exposure:
    place = Locator("repos", "payments", path.encode().hex())
    return Exposure(
        FP, KindId(kind), place, medium, trace=Trace(place, path, touches, readers, Truth.YES)
    )


def answer(
    state: LivenessState = LivenessState.LIVE,
    *identities: Identity,
    at: datetime = NOW,
    person: Truth = Truth.YES,
    last_used: datetime | None = None,
) -> Liveness:
    return Liveness(
        state, at, state.value, "issuer.example", "GET", 200, identities,
        owner_is_person=person, last_used_at=last_used,
    )  # fmt: skip
