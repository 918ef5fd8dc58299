from __future__ import annotations

import pytest

from detectors.packs.dialect import Flavour, translate
from detectors.packs.pack import NotTaken
from detectors.packs.secret_group import choose


@pytest.mark.parametrize(
    ("pattern", "group"),
    [
        ("a", 0),
        ("(a)", 1),
        ("(a)|(b)", 0),
        ("x(?:(a)|(b))", 0),
        ("(a(b))", 1),
        ("(a)(b)?", 1),
        ("(?:x(a)){2}", 1),
        ("(a)x(b)", 2),
        ("(?:(a))x(b)(c)?", 2),
        ("(?P<id>a)(?P<TOKEN>b)", 2),
        ("(?P<secret>a)(?P<access_token>b)", 2),
        ("(?P<token_id>a)(?P<key>b)", 2),
        ("(?P<user>a)(?P<host>b)", 1),
        ("(a)(?P<host>b)", 2),
        ("(?P<token>a)", 1),
    ],
)
def test_the_secret_is_the_group_that_is_likeliest(pattern: str, group: int) -> None:
    made = translate(pattern, Flavour.RUST)
    chosen = choose(made.pattern, made.groups)
    assert chosen.group == group
    named_or_pair = len(made.groups) > 1 and (any(made.groups) or group == 2)
    assert bool(chosen.remark) == named_or_pair


@pytest.mark.parametrize("pattern", ["(a)(b)(c)", "(a)(?:(b)|(c))", "(a)(b)(?:(c)|d)"])
def test_more_groups_than_a_pair_may_be_anything(pattern: str) -> None:
    with pytest.raises(NotTaken, match="which of its groups"):
        choose(pattern, ("", "", ""))
