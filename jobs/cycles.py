"""Sparing Python's collector of reference cycles work that makes millions of values and no cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_cycles() -> Iterator[None]:
    """Keep the collector off: it would walk over all there is again and again.

    Around a whole call, so that nothing of the values is left when the collector is back.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
