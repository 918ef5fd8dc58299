"""What every connector of a directory over HTTP does alike: all of its accounts, or none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.feed_guard import check_fall, refused
from connectors.json_shape import unexpected
from connectors.listing import WORD_MAX, Item, Paced, rest_of, word
from connectors.rest import Rest
from correlate.model import DirectoryAccount, PeopleSnapshot, WorkerId
from correlate.secret import Secret

_PROBLEMS_MAX = 200
_ALIASES_MAX = 500


@dataclass(slots=True)
class Accounts:
    """Collects the accounts of one feed. Of an account that comes twice the later reading
    stands: whoever left between two lists is in both.
    """

    feed: str
    problems: list[str] = field(default_factory=list)
    _held: dict[str, DirectoryAccount] = field(default_factory=dict)
    _hashes: list[bytes] = field(default_factory=list)

    def add(self, items: Iterable[Item], judge: Callable[[Item], DirectoryAccount]) -> None:
        """Judge all items, which are asked for as they are drawn. One whose `account_id` or
        `login` comes out empty is left out, and said to be.
        """
        for item in items:
            self._hashes.append(_hash(item))
            account = judge(item)
            if account.account_id and account.login:
                self._held[account.account_id] = account
            else:
                self.problems.append("an account without a usable id or login was left out")

    def snapshot(
        self, now: datetime, last: PeopleSnapshot | None, max_fall_percent: float
    ) -> PeopleSnapshot:
        """Return all that was collected, each `manager` that is none of its accounts emptied.

        Raises FeedRefused when there is nothing, or too much less than last time.
        """
        if not self._held:
            raise refused(self.feed, "it holds no account", "check what the login may read")
        by_address = {
            address.casefold(): one.account_id
            for one in self._held.values()
            for address in (one.login, *one.emails)
        }
        accounts = tuple(
            replace(one, manager=self._manager(one.manager, by_address))
            for one in self._held.values()
        )
        digest = hashlib.sha256(b"".join(sorted(self._hashes))).hexdigest()
        problems = tuple(dict.fromkeys(self.problems))[:_PROBLEMS_MAX]
        taken = PeopleSnapshot(
            self.feed, now, complete=True, digest=digest, accounts=accounts, problems=problems
        )
        check_fall(taken, last, max_fall_percent)
        return taken

    def _manager(self, told: str, by_address: Mapping[str, str]) -> str:
        return told if told in self._held else by_address.get(told.casefold(), "")


def rest_to(
    settings: Paced,
    base: str,
    name: str,
    secrets: Mapping[str, Secret],
    headers: Mapping[str, str] | None = None,
) -> Rest:
    """Return the API of a directory. A 403 says that the login may not read accounts at all."""
    return replace(rest_of(settings, base, name, secrets, headers), forbidden_means_login=True)


def named(page: Item, key: str, where: str) -> str:
    """Return what a page says of the next one, empty for none. Raises SourceError for what is no
    text: it is not the end.
    """
    value = page.get(key)
    if value is None or isinstance(value, str):
        return value or ""
    raise unexpected(where)


def exact(value: object) -> str:
    """Return an identifying field as it stands, empty where it is not short, printable text or
    a number: a damaged one would name somebody else.
    """
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= WORD_MAX and word(text) == text else ""


def worker_id(value: object) -> WorkerId | None:
    """Return a field as a worker id, None where it names none. Leading zeros stay."""
    text = exact(value.strip() if isinstance(value, str) else value)
    return WorkerId(text) if text else None


def addresses(*values: object) -> tuple[str, ...]:
    """Return the mail addresses among the values, each once, in order."""
    found = (exact(value).strip() for value in values[:_ALIASES_MAX])
    return tuple(dict.fromkeys(text for text in found if "@" in text))


def texts(value: object) -> list[object]:
    """Return what a list holds; nothing where there is no list."""
    return list(value[:_ALIASES_MAX]) if isinstance(value, list) else []


def objects(value: object) -> list[Item]:
    """Return the objects that a list holds; nothing where there is no list."""
    return [one for one in texts(value) if isinstance(one, dict)]


def _hash(item: Item) -> bytes:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).digest()
