"""What was worked out of a text before: a history has the same again in each version of a file."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_MOST = 100_000
_Value = TypeVar("_Value")


class Remembered(Generic[_Value]):
    """Values by what they were worked out of, of which nothing is kept but a hash: Python keys it
    anew for each process (https://docs.python.org/3/reference/datamodel.html#object.__hash__).
    Begins anew when it holds very many.
    """

    def __init__(self) -> None:
        self._known: dict[int, _Value] = {}

    def get(self, *of: Hashable) -> _Value | None:
        """Return what was worked out of the same before, None where nothing was."""
        return self._known.get(hash(of))

    def put(self, value: _Value, *of: Hashable) -> _Value:
        """Remember a value and return it."""
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[hash(of)] = value
        return value


def remembering(
    check: Callable[[memoryview, int], bool], reach: int
) -> Callable[[memoryview, int], bool]:
    """Return a check of a place in a text that works out once what stands so far about a place."""
    known: Remembered[bool] = Remembered()

    def recalled(data: memoryview, end: int) -> bool:
        before, after = bytes(data[max(0, end - reach) : end]), bytes(data[end : end + reach])
        answer = known.get(before, after)
        return known.put(check(data, end), before, after) if answer is None else answer

    return recalled
