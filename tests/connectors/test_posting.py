"""What a status says of a notice."""

from __future__ import annotations

import pytest

from connectors.http import Call, Http, Policy
from connectors.posting import post_each
from correlate.errors import AuthError
from correlate.notice import Outcome
from tests.connectors.outlets import Receiver, made
from tests.connectors.wire import ANY_SERVER, Told, answering

THREE = [made(1), made(2), made(3)]


def outcomes(*answers: Told) -> list[Outcome]:
    receiver = Receiver(*answers)
    with answering(receiver) as base:
        http = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=5.0))
        receipts = post_each(http, "hook", THREE, lambda one: Call("POST", f"{base}/{one.id}"))
    assert [receipt.id for receipt in receipts] == [one.id for one in THREE]
    assert all(receipt.reason for receipt in receipts if receipt.outcome is not Outcome.TAKEN)
    return [receipt.outcome for receipt in receipts]


TAKEN, SENDING, REFUSED = Outcome.TAKEN, Outcome.SENDING, Outcome.REFUSED


@pytest.mark.parametrize(
    ("statuses", "wanted"),
    [
        ((200, 204, 202), [TAKEN, TAKEN, TAKEN]),
        ((200, 500, 200), [TAKEN, SENDING, SENDING]),
        ((200, 429, 200), [TAKEN, SENDING, SENDING]),
        ((400, 410, 200), [REFUSED, REFUSED, TAKEN]),
        ((200, 403, 200), [TAKEN, SENDING, SENDING]),
        ((302, 200, 200), [REFUSED, TAKEN, TAKEN]),
    ],
)
def test_a_status_tells_taken_from_refused_and_from_not_known(
    statuses: tuple[int, ...], wanted: list[Outcome]
) -> None:
    assert outcomes(*(Told(status) for status in statuses)) == wanted


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_is_said_once(status: int) -> None:
    with pytest.raises(AuthError):
        outcomes(Told(status))


@pytest.mark.parametrize("name", sorted(ANY_SERVER))
def test_whatever_a_server_says_ends_no_run(name: str) -> None:
    told = ANY_SERVER[name]
    if told.status in (401, 403):
        with pytest.raises(AuthError):
            outcomes(told)
    else:
        assert (outcomes(told)[0] is TAKEN) == (told.status < 300)


def test_nobody_there_leaves_all_for_the_next_time() -> None:
    http = Http(Policy(internal_hosts=("127.0.0.1",), timeout_s=1.0))
    receipts = post_each(http, "hook", THREE, lambda _: Call("POST", "http://127.0.0.1:9/"))
    assert [receipt.outcome for receipt in receipts] == [SENDING] * 3
