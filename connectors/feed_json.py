"""From the JSON objects of a personnel feed to rows of texts, by dotted paths."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.feed_guard import refused
from connectors.feed_people import Personnel
from connectors.feed_rows import Row
from connectors.json_path import picked, texts, usable
from connectors.listing import Item
from correlate.errors import ConfigError
from correlate.model import PeopleSnapshot

_KEYS = ("worker_id", "manager", "person_key")
_LISTS = ("email", "previous_emails")
# what no feed lacks altogether: some APIs leave a field out where it holds nothing
_NEEDED = ("worker_id", "email", "status", "starts")


@dataclass(frozen=True, slots=True)
class JsonPersonnel:
    """A personnel feed that comes as JSON objects, whichever system gives them.

    `every_field`: the system gives a field that holds nothing as null, so that one which stands in
    no object at all was kept from us. Raises ConfigError for a mapping that is no path.
    """

    people: Personnel
    every_field: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no path before anything is asked."""
        wrong = sorted(path for path in self.people.how.wanted if not usable(path))
        if wrong:
            raise ConfigError(
                "a mapping that cannot be meant", where=f"people.{self.people.name}.columns",
                why=f"no path: {', '.join(wrong)}", fix="as in name.first, emails.0 or jobs[main=true].unit",
            )  # fmt: skip

    def snapshot(
        self, records: Sequence[Item], now: datetime, last: PeopleSnapshot | None
    ) -> PeopleSnapshot:
        """Return what the objects say. Raises FeedRefused, and then nothing of it is believed."""
        self._check_keys(records)
        there = set[str]()
        rows = [self._row(record, there) for record in records]
        problems = self._absent(there) if rows else []
        digest = hashlib.sha256(json.dumps(records, sort_keys=True, default=str).encode())
        return self.people.snapshot(rows, digest.hexdigest(), now, last, problems)

    def _row(self, record: Item, there: set[str]) -> Row:
        how, row = self.people.how, dict[str, str]()
        lists = {how.columns.get(field) for field in _LISTS} | set(how.identities.values())
        for path in how.wanted:
            try:
                found = texts(record, path)
            except ValueError:
                raise self._refused(
                    f"at `{path}` stands an object and no text", "name a field within it"
                ) from None
            if found is not None:
                there.add(path)
            if found and len(found) > 1 and path not in lists:
                raise self._refused(
                    f"at `{path}` stands more than one value", "name one of them: x.0, x[key=value]"
                )
            row[path] = how.list_separator.join(found or ())
            self._check_text(row[path])
        return row

    def _check_text(self, text: str) -> None:
        if "\x00" in text or not _writable(text):
            raise self._refused("it holds NUL characters, or halves of characters", "mend the data")

    def _check_keys(self, records: Sequence[Item]) -> None:
        """A number is a key as its digits; one with a fraction or an exponent has lost some."""
        for field in _KEYS:
            for path in filter(None, self.people.how.columns.get(field, "").split("|")):
                if any(isinstance(one, Decimal) for r in records for one in picked(r, path)):
                    raise self._refused(
                        f"`{path}` is a number with a fraction or an exponent",
                        "let it be given as a text",
                    )

    def _absent(self, there: set[str]) -> list[str]:
        """Return what stands nowhere and may; refuse what stands nowhere and must."""
        how = self.people.how
        missing = sorted(how.wanted - there)
        fields = (*_NEEDED, "ends") if self.people.limits.expect_leavers else _NEEDED
        needed = {how.columns.get(field) for field in fields}
        lacking = [path for path in missing if self.every_field or path in needed]
        if lacking:
            raise self._refused(
                f"fields stand in no object: {', '.join(lacking)}",
                "check the paths and our login's rights; map what it lacks to an empty text; if nobody "
                "has ever left, set expect_leavers = false",
            )
        return [f"`{path}` stands in no object" for path in missing]

    def _refused(self, why: str, fix: str) -> Exception:
        return refused(self.people.name, why, fix)


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
