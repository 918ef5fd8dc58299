from __future__ import annotations

import dataclasses

import pytest

from correlate.kind import Kind, Verification
from detectors.kind_check import READ_ONLY_POSTS, problems
from jobs.kind_files import packaged_kinds


@pytest.mark.parametrize("kind", packaged_kinds(), ids=lambda kind: str(kind.id))
def test_every_packaged_kind_keeps_its_promises(kind: Kind) -> None:
    assert list(problems(kind)) == []


@pytest.mark.parametrize(("host", "path"), sorted(READ_ONLY_POSTS))
def test_a_post_known_to_read_may_verify(kinds: dict[str, Kind], host: str, path: str) -> None:
    (answer, *_) = asking(kinds["npm_token"]).answers
    rule = Verification("http", host, "s", method="POST", path=path, answers=(answer,))
    assert list(problems(dataclasses.replace(kinds["npm_token"], verification=rule))) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_call_that_may_write_is_refused(kinds: dict[str, Kind], method: str) -> None:
    rule = dataclasses.replace(asking(kinds["npm_token"]), method=method)
    (problem,) = problems(dataclasses.replace(kinds["npm_token"], verification=rule))
    assert problem.startswith("its verification is not a read")


def asking(kind: Kind) -> Verification:
    assert kind.verification is not None
    return kind.verification
