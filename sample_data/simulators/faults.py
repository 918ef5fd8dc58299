"""Faults that a test switches on: what a vendor does wrong, to which requests, how often."""

from __future__ import annotations

from dataclasses import dataclass, replace

KINDS = (
    "status",  # answer `status` (with Retry-After when `retry_after` is given), do nothing
    "html",  # answer 200 with a sign-in page, do nothing
    "latency",  # wait `seconds`, then serve as usual
    "drop",  # close the connection before doing anything
    "lost_answer",  # do what was asked, then close the connection without an answer
    "late_status",  # do what was asked, then answer `status`
    "hold",  # do what was asked, then keep the answer back until the client hangs up
    "drip",  # do it, then send the body in small pieces, `seconds` apart
    "truncate",  # do it, then send the first half of the body as if it were all
    "short_body",  # do it, then send half of the announced body and close
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for the next `times` requests whose method and path match.

    An empty `method` matches all; `path` matches when it stands anywhere in the target.
    `skip` lets that many matching requests pass first. `times` 0 means for good.
    """

    kind: str
    times: int = 1
    method: str = ""
    path: str = ""
    status: int = 503
    retry_after: str = ""
    seconds: float = 0.0
    skip: int = 0

    def __post_init__(self) -> None:
        """Refuse a kind that nothing acts on: a test would pass for the wrong reason."""
        if self.kind not in KINDS:
            raise ValueError(f"no such fault: {self.kind}")

    def matches(self, method: str, target: str) -> bool:
        """Say whether a request is one that this fault is meant for."""
        return self.method in ("", method) and self.path in target


class Faults:
    """The faults in force for one vendor. The caller holds the world's lock."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a fault in force, after those already there."""
        self._faults.append(fault)

    def clear(self) -> None:
        """End all faults."""
        self._faults.clear()

    def take(self, method: str, target: str) -> Fault | None:
        """Return the fault that befalls this request, and count it off."""
        for index, fault in enumerate(self._faults):
            if not fault.matches(method, target):
                continue
            if fault.skip:
                self._faults[index] = replace(fault, skip=fault.skip - 1)
                return None
            if fault.times == 1:
                del self._faults[index]
            elif fault.times:
                self._faults[index] = replace(fault, times=fault.times - 1)
            return fault
        return None
