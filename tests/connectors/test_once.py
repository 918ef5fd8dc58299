from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.once import Once
from correlate.model import Liveness, LivenessState
from correlate.secret import Secret

NOW = datetime(2026, 3, 1, tzinfo=UTC)
SECRET = Secret("tok_" + "a1" * 10)


@pytest.mark.parametrize(
    ("state", "minutes", "asked"),
    [
        (LivenessState.LIVE, 9, 1),
        (LivenessState.LIVE, 10, 2),
        (LivenessState.DEAD, 0, 1),
        (LivenessState.DEAD, 1, 2),
        (LivenessState.UNKNOWN, 1, 2),
        (LivenessState.LIVE, -1, 2),
    ],
)
def test_an_answer_is_kept_as_long_as_its_state_allows(
    state: LivenessState, minutes: int, asked: int
) -> None:
    once, calls = Once(), list[datetime]()

    def ask(at: datetime) -> Liveness:
        calls.append(at)
        return Liveness(state, at, "said")

    for at in (NOW, NOW + timedelta(minutes=minutes)):
        once.ask("q", SECRET, at, lambda at=at: ask(at))  # type: ignore[misc]
    assert len(calls) == asked


def test_another_question_and_another_secret_are_asked() -> None:
    once, calls = Once(), list[str]()

    def ask() -> Liveness:
        calls.append("asked")
        return Liveness(LivenessState.LIVE, NOW, "said")

    once.ask("q", SECRET, NOW, ask)
    once.ask("other", SECRET, NOW, ask)
    once.ask("q", Secret("tok_b"), NOW, ask)
    assert len(calls) == 3


def test_a_failure_is_not_kept_and_no_plaintext_is() -> None:
    once = Once()

    def fail() -> Liveness:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        once.ask("q", SECRET, NOW, fail)
    answer = Liveness(LivenessState.LIVE, NOW, "said")
    assert once.ask("q", SECRET, NOW, lambda: answer) is answer
    assert SECRET.reveal().encode() not in repr(vars(once)).encode()
