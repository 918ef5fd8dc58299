"""What a step or a run came to, and the exit code that says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from correlate.errors import AuthError, ConfigError, OffkeyError, SourceError, Unavailable
from correlate.model import Coverage, CoverageState


class Exit(IntEnum):
    """The command's exit codes, the same for every command."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    AUTH = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong in a step without ending the run. `place` is a connector's name."""

    step: str
    place: str
    what: str
    exit: Exit


def problem(step: str, place: str, error: OffkeyError) -> Problem:
    """Return an error as a recorded problem of a step."""
    return Problem(step, place, str(error), exit_of(error))


def exit_of(error: OffkeyError) -> Exit:
    """Return the code of a command that an error ends."""
    match error:
        case ConfigError():
            return Exit.USAGE
        case AuthError():
            return Exit.AUTH
        case Unavailable():
            return Exit.UNAVAILABLE
        case SourceError():
            return Exit.INCOMPLETE
        case _:
            return Exit.INCOMPLETE


def exit_code(coverage: Iterable[Coverage], problems: Iterable[Problem], *, findings: bool) -> Exit:
    """Return a run's code: incomplete coverage wins, then what failed, then what was found."""
    problems = tuple(problems)
    whole = all(part.state is CoverageState.COMPLETE for part in coverage)
    if not whole or any(item.exit is Exit.INCOMPLETE for item in problems):
        return Exit.INCOMPLETE
    failed = {item.exit for item in problems}
    for code in (Exit.AUTH, Exit.UNAVAILABLE):
        if code in failed:
            return code
    return Exit.FINDINGS if findings else Exit.CLEAN
