from __future__ import annotations

from datetime import timedelta

import pytest

from correlate.model import KindId, Liveness, LivenessState, PersonId
from correlate.severity import severity, wide_scopes
from correlate.verdict import CaseKind, Decision, Departure, Reach
from tests.correlate.cast import FP, NOW, answer

LIVE = answer()
WHO = {"left": PersonId("left")}


@pytest.mark.parametrize(
    ("kind", "said", "left_days", "expected"),
    [
        (CaseKind.F1, answer(), 10, "high"),
        (CaseKind.F1, answer(), 31, "critical"),
        (CaseKind.F1, answer(last_used=NOW - timedelta(days=1)), 10, "critical"),
        (CaseKind.F1, answer(last_used=NOW - timedelta(days=11)), 10, "high"),
        (CaseKind.F1, answer(LivenessState.LIVE_LIMITED), 10, "medium"),
        (CaseKind.F2, answer(), 400, "high"),
        (CaseKind.F6, answer(), None, "high"),
        (CaseKind.F5, answer(), None, "medium"),
        (CaseKind.F3, answer(LivenessState.LIVE_LIMITED), None, "low"),
    ],
)
def test_severity(kind: CaseKind, said: Liveness, left_days: int | None, expected: str) -> None:
    departure = (
        Departure(WHO["left"], "s", NOW - timedelta(days=left_days), "hr") if left_days else None
    )
    decision = Decision(kind, FP, KindId("kind"), None, departure, ())
    assert severity(kind, said, decision).level == expected


@pytest.mark.parametrize(("days", "expected"), [(30, "high"), (31.5, "high"), (33, "critical")])
def test_who_is_late_is_judged_by_the_latest_instant(days: float, expected: str) -> None:
    left_at = NOW - timedelta(days=days)
    departure = Departure(WHO["left"], "s", left_at, "hr", latest_at=left_at + timedelta(days=2))
    decision = Decision(CaseKind.F1, FP, KindId("kind"), WHO["left"], departure, ())
    assert severity(CaseKind.F1, LIVE, decision).level == expected
    used = answer(last_used=left_at + timedelta(hours=1))
    assert severity(CaseKind.F1, used, decision).level == "critical"


@pytest.mark.parametrize(
    ("scopes", "wide"),
    [
        (("repo", "admin:org"), ["admin:org"]),
        (("api",), ["api"]),
        (("read_api", "read:admin", "admin.users:read", "view_all"), []),
        (("*",), ["*"]),
        (("s3:*",), ["s3:*"]),
        (("chat:write", "administration", "allowance", ""), []),
        (("Full Access", "OWNER", "sudo"), ["Full Access", "OWNER", "sudo"]),
    ],
)
def test_scopes_for_administering_or_for_everything_are_wide(
    scopes: tuple[str, ...], wide: list[str]
) -> None:
    assert wide_scopes(scopes) == sorted(wide)


@pytest.mark.parametrize(
    ("reach", "level", "words"),
    [
        (Reach(), "medium", "medium for its kind"),
        (Reach(("admin",), 0), "high", "administer, or do everything (admin)"),
        (Reach((), 2), "medium", "medium for its kind"),
        (Reach((), 3), "high", "3 or more repositories"),
        (Reach(("admin",), 3), "critical", "administer"),
    ],
)
def test_how_far_a_credential_goes_raises_and_is_told(reach: Reach, level: str, words: str) -> None:
    weight = severity(
        CaseKind.F5, LIVE, Decision(CaseKind.F5, FP, KindId("kind"), None, None, (), reach)
    )
    assert (weight.level, words in "; ".join(weight.reasons)) == (level, True)


def test_the_reasons_do_not_change_with_the_day() -> None:
    decision = Decision(
        CaseKind.F1, FP, KindId("kind"), WHO["left"], Departure(WHO["left"], "s", NOW, "hr"), ()
    )
    said = [answer(at=NOW + timedelta(days=days)) for days in (31, 400)]
    first, second = (severity(CaseKind.F1, one, decision).reasons for one in said)
    assert first == second
