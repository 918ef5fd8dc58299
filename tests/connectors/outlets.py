"""What the outlets' tests have in common: a notice with a hostile name, and a receiver on loopback."""

from __future__ import annotations

from correlate.model import CaseKey
from correlate.notice import Notice, Transition
from tests.connectors.wire import Asked, Told
from tests.correlate.cast import NOW

HOSTILE = "<!channel> *x* [a](https://e.example) <at>all</at>\r\nBcc: eve@e.example"


def made(number: int = 1, title: str = "New case. Some token", **more: object) -> Notice:
    plain: dict[str, object] = {
        "id": f"offkey_{number}", "case": CaseKey(f"c{number}"), "transition": Transition.OPENED,
        "at": NOW, "title": title, "severity": "high", "kind": "F1", "credential": "Some token",
        "fingerprint": "0a0a0a0a", "person": "Jane Doe", "tickets": ("SEC-1",),
    }  # fmt: skip
    return Notice(**(plain | more))  # type: ignore[arg-type]


class Receiver:
    """Keeps what it was asked, and answers with `answers` in turn, the last one for ever."""

    def __init__(self, *answers: Told) -> None:
        self.asked: list[Asked] = []
        self._answers = answers or (Told(200, b"ok", "text/plain"),)

    def __call__(self, asked: Asked) -> Told:
        self.asked.append(asked)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]
