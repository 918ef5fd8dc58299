from __future__ import annotations

import dataclasses

import pytest

from correlate.kind import Kind, Verification
from detectors.kind_check import problems
from jobs.kind_files import packaged_kinds


@pytest.mark.parametrize("kind", packaged_kinds(), ids=lambda kind: str(kind.id))
def test_every_packaged_kind_keeps_its_promises(kind: Kind) -> None:
    assert list(problems(kind)) == []


def test_who_is_asked_by_code_is_asked_at_a_host_by_known_code(kinds: dict[str, Kind]) -> None:
    kind = kinds["aws_access_key"]
    assert kind.verification is not None
    assert list(problems(kind)) == []
    (problem,) = problems(asking(kind, via="aws_iam"))
    assert problem.startswith("it is verified by an unknown verifier")
    (problem,) = problems(asking(kind, host="http://sts.amazonaws.com"))
    assert problem == "its verification host is not an https:// origin"


def test_a_verification_says_what_answers_mean(kinds: dict[str, Kind]) -> None:
    assert list(problems(asking(kinds["aws_access_key"], answers=()))) == [
        "its verification says what no answer means"
    ]


def asking(kind: Kind, **changes: object) -> Kind:
    rule: Verification | None = kind.verification
    assert rule is not None
    return dataclasses.replace(kind, verification=dataclasses.replace(rule, **changes))  # type: ignore[arg-type]
