"""Asking an issuer once: simultaneous and recent questions share one answer."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta

from correlate.model import Liveness, LivenessState
from correlate.secret import Secret

_LIFETIME = {
    LivenessState.LIVE: timedelta(minutes=10),
    LivenessState.LIVE_LIMITED: timedelta(minutes=10),
    LivenessState.SUSPENDED: timedelta(minutes=10),
    LivenessState.UNKNOWN: timedelta(minutes=1),
    LivenessState.SKIPPED: timedelta(hours=1),
    LivenessState.NOT_VERIFIABLE: timedelta(hours=1),
}


def unasked(now: datetime) -> Liveness:
    """Return what an issuer says of a kind that is none of its own."""
    why = "no way is known to ask the issuer by reading only"
    return Liveness(LivenessState.NOT_VERIFIABLE, now, why)


class Once:
    """Remembers answers for a while, under a keyed hash made with a key of this process.

    A rejection is kept for its own run (the same `now`) only: the second one, which proves
    death, must be a question of its own. Thread-safe.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._answers: dict[bytes, tuple[datetime, Future[Liveness]]] = {}

    def ask(
        self,
        question: str,
        secret: Secret,
        now: datetime,
        ask: Callable[[], Liveness],
    ) -> Liveness:
        """Return the answer to `question` about `secret`, from `ask` unless a fresh one is there."""
        message = question.encode() + b"\x00" + secret.reveal().encode("utf-8", "surrogatepass")
        key = hmac.new(self._key, message, hashlib.sha256).digest()
        with self._lock:
            asked_at, future = self._answers.get(key, (now, None))
            if future is not None and _fresh(asked_at, future, now):
                mine = False
            else:
                future, mine = Future[Liveness](), True
                self._answers[key] = (now, future)
        if mine:
            self._settle(key, future, ask)
        return future.result()

    def _settle(self, key: bytes, future: Future[Liveness], ask: Callable[[], Liveness]) -> None:
        try:
            future.set_result(ask())
        except BaseException as error:
            with self._lock:
                self._answers.pop(key, None)
            future.set_exception(error)
            raise


def _fresh(asked_at: datetime, future: Future[Liveness], now: datetime) -> bool:
    if not future.done():
        return True
    if now == asked_at:  # of the same run; an issuer that asked to wait is asked again
        return future.result().state is not LivenessState.RATE_LIMITED
    life = _LIFETIME.get(future.result().state, timedelta(0))
    return timedelta(0) <= now - asked_at < life
