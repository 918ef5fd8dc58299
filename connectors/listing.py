"""What every connector of an issuer's list does alike: lists read one by one, pages followed to
the end, and fields taken that may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from connectors.http import Http, Reach, policy_of
from connectors.instants import instant
from connectors.json_shape import as_text, row, rows, unexpected
from connectors.rest import Query, Rest, in_a_circle
from correlate.errors import OffkeyError, Refused, SourceError, Unavailable
from correlate.listed import Hint, InventoryRow, InventorySnapshot, RowState
from correlate.model import Skip, Truth
from correlate.secret import Secret

WORD_MAX = 200
SCOPES_MAX = 100
_PAGES_MAX = 10_000
_UNSHOWN = re.compile(
    r"[^\x20-\x7e\u00a0-\u2027\u202f-\u2065\u2070-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe]+"
)
_ENDING = re.compile(r"[\w-]{4}\Z", re.ASCII)
Item = Mapping[str, object]


class Paced(Reach, Protocol):
    """Settings that also space calls out."""

    @property
    def spacing_s(self) -> float: ...


@dataclass(slots=True)
class Lists:
    """Collects the lists of one source. A list that cannot be read to its end is a gap."""

    source: str
    taken_at: datetime
    rows: list[InventoryRow] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    gaps: list[Skip] = field(default_factory=list)

    def read(self, name: str, needs: str, made: Iterable[InventoryRow]) -> None:
        """Take the rows of the list `name`, which are asked for as they are drawn; `needs` says
        which right of our login that takes.

        Raises AuthError only. Rows that came before a break are kept: they are there.
        """
        with_gap = len(self.gaps)
        try:
            for one in made:
                self.rows.append(replace(one, source=self.source, container=name))
        except (Refused, SourceError, Unavailable) as error:
            self.gap(name, error, needs)
        if len(self.gaps) == with_gap:
            self.listed.append(name)

    def gap(self, name: str, error: OffkeyError, needs: str) -> None:
        """Note that the list `name` was not read to its end."""
        advice = f"; our login needs {needs}" if isinstance(error, Refused) else ""
        self.gaps.append(Skip(self.source, name, "", f"{error.what}: {error.why}{advice}"))

    def names(self, name: str, needs: str, made: Iterable[str]) -> list[str]:
        """Return the names of lists to read; what is missing of them is a gap."""
        found: list[str] = []
        try:
            found.extend(made)
        except (Refused, SourceError, Unavailable) as error:
            self.gap(name, error, needs)
        return found

    def snapshot(self) -> InventorySnapshot:
        """Return all that was collected."""
        return InventorySnapshot(
            self.source, self.taken_at, tuple(self.rows), tuple(self.listed), tuple(self.gaps)
        )


def rest_of(
    settings: Paced,
    base: str,
    name: str,
    secrets: Mapping[str, Secret],
    headers: Mapping[str, str] | None = None,
) -> Rest:
    """Return the API of one issuer. A 403 concerns the list that was asked for, not the login."""
    policy = replace(policy_of(settings), spacing_s=settings.spacing_s)
    sent = {"Accept": "application/json", **(headers or {})}
    return Rest(Http(policy), base, name, sent, secrets, forbidden_means_login=False)


def bearer(token: Secret) -> dict[str, Secret]:
    """Return the header that carries a token."""
    return {"Authorization": Secret(f"Bearer {token.reveal()}")}


def cursored(
    rest: Rest, path: str, query: Query, under: str, follow: Callable[[Item], Query]
) -> Iterator[Item]:
    """Yield the rows `under` a name in each page. `follow` says what to ask for after a page, ()
    for nothing. Raises SourceError for a page that was asked for before.
    """
    more: Query = ()
    seen: set[Query] = set()
    while True:
        page = row(rest.get(path, [*query, *more]).value, rest.system)
        yield from rows(page.get(under), rest.system)
        more = tuple(follow(page))
        if not more:
            return
        if more in seen or len(seen) >= _PAGES_MAX:
            raise in_a_circle(rest.system)
        seen.add(more)


def chained(
    rest: Rest, url: str, held: Callable[[Item], object], follow: Callable[[Item], str]
) -> Iterator[Item]:
    """Yield the rows that each page holds, from the one at `url` to one that `follow` gives no
    address for. Raises SourceError for pages in a circle, on another host or of another shape.
    """
    seen = set[str]()
    while url:
        if url in seen or len(seen) >= _PAGES_MAX:
            raise in_a_circle(rest.system)
        seen.add(url)
        page = row(rest.ask("GET", url, None, also=frozenset()).value, rest.system)
        yield from rows(held(page), rest.system)
        url = follow(page)


def numbered(
    rest: Rest, path: str, query: Query, under: str, total: Callable[[Item], int | None], size: int
) -> Iterator[Item]:
    """Yield the rows of a list that is asked for by page number. Raises SourceError when it ends
    before its own `total` (pages hold `size` rows; None: the page does not tell).
    """
    page, count = 1, 0
    while page <= _PAGES_MAX:
        answer = row(rest.get(path, [*query, ("page", str(page))]).value, rest.system)
        found = rows(answer.get(under), rest.system)
        yield from found
        count += len(found)
        said = total(answer)
        if said is None:
            raise unexpected(rest.system)
        if count >= said:
            return
        if not found or len(found) > size:
            break
        page += 1
    raise SourceError(
        "a list came back short", where=rest.system, why=f"{count} rows came, more were told of",
        fix="run again later",
    )  # fmt: skip


def word(value: object) -> str:
    """Return a field as one short line of printable text; what is no text is empty."""
    text = as_text(value)[: WORD_MAX * 4]
    return " ".join(_UNSHOWN.sub(" ", text).split())[:WORD_MAX]


def name_of(item: Item, key: str, where: str) -> str:
    """Return an identifying field, which must be there and be short and printable."""
    value = as_text(item.get(key))
    if not value or len(value) > WORD_MAX or word(value) != value:
        raise unexpected(where)
    return value


def inner(item: Item, key: str) -> Item:
    """Return an object within an object, empty where there is none."""
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def moment(value: object) -> datetime | None:
    """Return the instant that a field names, None where it names none."""
    return instant(as_text(value)[:WORD_MAX])


def words(value: object) -> tuple[str, ...]:
    """Return a list of texts, or one text that holds them with spaces or commas between."""
    if isinstance(value, str):
        value = re.split(r"[ ,]+", value[: WORD_MAX * SCOPES_MAX])
    if not isinstance(value, list):
        return ()
    return tuple(filter(None, map(word, value[:SCOPES_MAX])))


def told(item: Item, key: str) -> tuple[datetime | None, Truth]:
    """Return an expiry and whether there is one: null where the field stands says never."""
    at = moment(item.get(key))
    if at is not None:
        return at, Truth.YES
    return None, Truth.NO if key in item and item[key] is None else Truth.UNKNOWN


def lasting(state: RowState, expires_at: datetime | None, now: datetime) -> RowState:
    """Return the state of a row whose issuer does not count out-of-date ones apart."""
    past = expires_at is not None and expires_at <= now
    return RowState.EXPIRED if past and state is RowState.ACTIVE else state


def ending(shown: str) -> tuple[Hint, ...]:
    """Return the hint of a masked value that ends in at least four characters of the secret."""
    found = _ENDING.search(shown)
    return (Hint("last4", found[0]),) if found else ()
