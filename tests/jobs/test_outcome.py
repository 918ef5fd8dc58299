"""One code for each way to end, and what was not looked at outweighs all else."""

from __future__ import annotations

import pytest

from correlate.errors import (
    AuthError,
    ConfigError,
    FeedRefused,
    OffkeyError,
    Refused,
    SourceError,
    Unavailable,
)
from correlate.model import Coverage, CoverageState
from jobs.outcome import Exit, exit_code, exit_of, problem


def made(kind: type[OffkeyError]) -> OffkeyError:
    return kind("it failed", where="here", why="because", fix="mend it")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ConfigError, 2),
        (SourceError, 3),
        (FeedRefused, 3),
        (Refused, 3),
        (AuthError, 4),
        (Unavailable, 5),
    ],
)
def test_each_error_has_its_code(kind: type[OffkeyError], code: int) -> None:
    assert exit_of(made(kind)) == code
    told = problem("step", "place", made(kind))
    assert told.exit == code
    assert "because" in told.what
    assert "Next: mend it" in told.what


COMPLETE = Coverage("a", "b", CoverageState.COMPLETE)


@pytest.mark.parametrize(
    ("states", "kinds", "findings", "code"),
    [
        ((), (), False, Exit.CLEAN),
        ((), (), True, Exit.FINDINGS),
        ((CoverageState.INCOMPLETE,), (), False, Exit.INCOMPLETE),
        ((CoverageState.FAILED,), (AuthError,), True, Exit.INCOMPLETE),
        ((CoverageState.PLANNED,), (), False, Exit.INCOMPLETE),
        ((), (AuthError,), True, Exit.AUTH),
        ((), (Unavailable,), True, Exit.UNAVAILABLE),
        ((), (Unavailable, AuthError), False, Exit.AUTH),
        ((), (Unavailable, Refused), True, Exit.INCOMPLETE),
    ],
)
def test_incomplete_wins_then_what_failed_then_what_was_found(
    states: tuple[CoverageState, ...],
    kinds: tuple[type[OffkeyError], ...],
    findings: bool,
    code: Exit,
) -> None:
    coverage = (COMPLETE, *(Coverage("a", "c", state) for state in states))
    problems = [problem("step", "place", made(kind)) for kind in kinds]
    assert exit_code(coverage, problems, findings=findings) is code
