"""Posts notices one by one, and reads from the status what became of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from connectors.http import Call, Http, Reply
from correlate.announce import left_for_later
from correlate.errors import AuthError, OffkeyError
from correlate.notice import Notice, Outcome, Receipt

_LOGIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Poster:
    """An outlet that is told of one notice a call. Unless `show_person`, nobody is named."""

    name: str
    http: Http
    called: Callable[[Notice], Call] = field(repr=False)
    show_person: bool = False

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        """Post one message a notice."""
        shown = [one if self.show_person else one.told_to_all() for one in notices]
        return post_each(self.http, self.name, shown, self.called)


def post_each(
    http: Http, system: str, notices: Sequence[Notice], called: Callable[[Notice], Call]
) -> list[Receipt]:
    """Send each notice as the call that `called` makes of it. Once nobody answers, or we are told to
    wait, the rest is left for the next time. Raises AuthError when the first is refused for its login.
    """
    made: list[Receipt] = []
    waiting = list(notices)
    while waiting:
        notice = waiting.pop(0)
        try:
            receipt = read(notice.id, system, http.send(called(notice)), first=not made)
        except AuthError:
            raise
        except OffkeyError as error:
            receipt = Receipt(notice.id, Outcome.SENDING, error.why)
        made.append(receipt)
        if receipt.outcome is Outcome.SENDING:
            made += left_for_later(waiting)
            waiting = []
    return made


def read(number: str, system: str, reply: Reply, *, first: bool = True) -> Receipt:
    """Return what a reply's status says of a notice: 2xx is "taken", 408, 429 and 5xx are worth
    another try, 401 and 403 on the first raise AuthError, all others refuse it for good.
    """
    status = reply.status
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Receipt(number, Outcome.TAKEN)
    if status in _LOGIN and first:
        raise AuthError(
            "an outlet refused our login", where=system, why=f"it answered {status}",
            fix="check its address and its secret in the configuration",
        )  # fmt: skip
    if status in _LATER or status in _LOGIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Receipt(number, Outcome.SENDING, f"it answered {status}")
    return Receipt(number, Outcome.REFUSED, f"it answered {status}")
