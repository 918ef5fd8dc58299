from __future__ import annotations

import pytest

from jobs.web.delivery import kinds, payload


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (["employee.left", "a:b-c_d"], ("employee.left", "a:b-c_d")),
        (["Jane Doe", "jane@x.example", "x" * 65, "", None, 7, "a\n"], ("other",)),
        ([], ("other",)),
        (["a", "a", "b"], ("a", "b")),
        ([f"e{n}" for n in range(99)], tuple(f"e{n}" for n in range(20))),
    ],
)
def test_only_what_is_plainly_a_kind_of_event_is_shown(
    found: list[object], told: tuple[str, ...]
) -> None:
    assert kinds(found) == told


def test_what_is_no_object_is_an_empty_one() -> None:
    assert payload(b'{"a": 1}') == {"a": 1}
    for body in (b"", b"[]", b"\xff", b"[" * 100_000):
        assert payload(body) == {}
