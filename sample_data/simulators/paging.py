"""Page numbers and Link headers (RFC 8288), as GitHub and GitLab use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sample_data.simulators.messages import Request


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how many there are."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """The last page's number; an empty list has one page."""
        return max(1, -(-self.total // self.size))

    @property
    def next(self) -> int:
        """The next page's number, 0 on the last page."""
        return self.number + 1 if self.number < self.last else 0


def page_of(rows: Sequence[Any], request: Request, *, default: int, cap: int) -> Page:
    """Return the page that per_page and page ask for; a larger per_page is cut to `cap`."""
    size = min(max(1, request.number("per_page", default)), cap)
    number = max(1, request.number("page", 1))
    return Page(rows[(number - 1) * size : number * size], number, size, len(rows))


def link_header(page: Page, request: Request) -> tuple[tuple[str, str], ...]:
    """Return the Link header, none where everything fits one page."""
    if page.last == 1:
        return ()
    parts = request.target.partition("?")[2].split("&")
    kept = [part for part in parts if part and not part.startswith(("page=", "per_page="))]
    numbers = {"prev": page.number - 1, "next": page.next, "last": page.last, "first": 1}
    links = [
        f"<{request.base}{request.path}?"
        f'{"&".join([*kept, f"per_page={page.size}", f"page={number}"])}>; rel="{rel}"'
        for rel, number in numbers.items()
        if number
    ]
    return (("Link", ", ".join(links)),)
