"""A list that an API gives out page by page, read to its end or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urljoin

from connectors.json_path import picked, scalar
from connectors.json_shape import rows, unexpected
from connectors.listing import Item
from connectors.rest import Answer, Rest, next_link
from correlate.errors import SourceError

FOLLOWED = ("", "link", "cursor", "page", "offset")
_PAGES_MAX = 100_000
_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a list stands and how it goes on. `rows` is the dotted path to it in each answer.

    `follow` says how: "" not at all; "link" by the URL that stands at `next` (without one: in the
    Link header); "cursor" by sending what stands at `next` as `parameter`; "page" and "offset" by
    counting `parameter` up, until a page is empty or `total` rows came. With a `body` it is asked
    for by POST, and the parameters go into the body. `total` is the dotted path to the number of
    rows that there are: a list that ends before it is short.
    """

    path: str
    rows: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    follow: str = ""
    next: str = ""
    parameter: str = ""
    size_parameter: str = ""
    size: int = 0
    first: int = 1
    total: str = ""

    def read(self, rest: Rest) -> tuple[list[Item], object]:
        """Return the whole list, and the first answer for what else it says.

        Raises SourceError for a list that ends short, leads in a circle or is none.
        """
        found: list[Item] = []
        first, before = None, list[Item]()
        step, seen = {"page": str(self.first), "offset": "0"}.get(self.follow, ""), set[str]()
        while True:
            answer = self._asked(rest, step)
            first = answer.value if first is None else first
            page = self._page(answer, rest.system)
            found += page
            seen.add(step)
            step = self._after(answer, page, len(found), step, rest)
            if not step:
                break
            if step in seen or len(seen) >= _PAGES_MAX or (page and page == before):
                raise SourceError(
                    "a list does not end", where=rest.system, why="its pages lead in a circle",
                    fix="check the address and the paging that is declared",
                )  # fmt: skip
            before = page
        if self.total and len(found) < self._said(first, rest.system):
            raise SourceError(
                "a list came back short", where=rest.system,
                why=f"{len(found)} rows came, more were told of", fix="run again later",
            )  # fmt: skip
        return found, first

    def _asked(self, rest: Rest, step: str) -> Answer:
        if self.follow == "link" and step:
            return rest.ask("GET", step, None, also=frozenset())
        sent: dict[str, str | int] = {self.size_parameter: self.size} if self.size else {}
        if step:
            sent[self.parameter] = int(step) if self.follow in ("page", "offset") else step
        if self.body is None:
            sizes = [(name, str(value)) for name, value in sent.items()]
            return rest.get(self.path, [*self.query.items(), *sizes])
        return rest.send("POST", self.path, {**self.body, **sent}, [*self.query.items()])

    def _page(self, answer: Answer, system: str) -> list[Item]:
        if answer.status == HTTPStatus.NO_CONTENT:
            return []
        for value in picked(answer.value, self.rows):
            return list(rows(value, system))
        raise unexpected(system)

    def _after(self, answer: Answer, page: list[Item], count: int, step: str, rest: Rest) -> str:
        """Return what leads to the next page, empty at the end."""
        if self.follow in ("page", "offset"):
            if not page or (self.total and count >= self._said(answer.value, rest.system)):
                return ""
            return str(int(step) + 1) if self.follow == "page" else str(count)
        named = ""
        if self.follow and self.next:
            named = self._text(answer.value, self.next, rest.system)
        elif self.follow == "link":
            named = next_link(answer.headers)
        return urljoin(rest.address(self.path), named) if named and self.follow == "link" else named

    def _said(self, value: object, system: str) -> int:
        text = self._text(value, self.total, system)
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
            raise unexpected(system)
        return int(text)

    def _text(self, value: object, path: str, system: str) -> str:
        try:
            return next(filter(None, map(scalar, picked(value, path))), "")
        except ValueError:
            raise unexpected(system) from None
