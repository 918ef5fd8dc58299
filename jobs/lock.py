"""One runner per organisation: a file lock on this host, a lease in the store between hosts."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from correlate.errors import Unavailable
from correlate.ports_store import Store

LEASE = timedelta(minutes=30)
_NAME = "organisation"


@contextmanager
def only_runner(state: Path, store: Store, now: datetime) -> Iterator[None]:
    """Hold the organisation for one run.

    The file lock ends with the process, so a killed run never blocks the next one on
    this host; the lease keeps other hosts away until it is released or over. Raises
    Unavailable when another run is under way.
    """
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(state / "run.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy("this host") from None
        holder = socket.gethostname()
        if not extend(store, now):
            raise _busy("another host")
        try:
            yield
        finally:
            with store.transaction() as tx:
                tx.runs.release(_NAME, holder)
    finally:
        os.close(handle)


def extend(store: Store, now: datetime) -> bool:
    """Take or lengthen this host's lease; False when another host's still runs."""
    with store.transaction() as tx:
        return tx.runs.acquire(_NAME, socket.gethostname(), now, now + LEASE)


def _busy(where: str) -> Unavailable:
    return Unavailable(
        "Another run is under way",
        where=where,
        why="one run at a time keeps tickets single",
        fix="wait for it to end, or stop it; an interrupted run is taken up where it stopped",
    )
