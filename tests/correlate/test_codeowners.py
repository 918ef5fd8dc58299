"""CODEOWNERS as GitHub and GitLab read it; the rules' sources stand in the module."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.codeowners import MOST_BYTES, Forge, parse

GITHUB, GITLAB = Forge.GITHUB, Forge.GITLAB
ORDERED = """
# comment
*            @all
*.py         @python   # inline
/build/logs/ @ops
docs/*       docs@x.example
apps/        @apps
/scripts     @scripts @more
**/vendor    @vendor
/apps/github
a\\ b.txt     @space
!secret.py   @never
[ab].py      @never
src/**/deep.c @deep
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README", ["@all"]),
        ("lib/x.py", ["@python"]),
        ("build/logs/a/b.log", ["@ops"]),
        ("sub/build/logs/a.log", ["@all"]),
        ("docs/start.md", ["docs@x.example"]),
        ("docs/deep/start.md", ["@all"]),
        ("sub/apps/x/y.js", ["@apps"]),
        ("apps", ["@all"]),
        ("scripts/run.sh", ["@scripts", "@more"]),
        ("scripts", ["@scripts", "@more"]),
        ("a/vendor/b", ["@vendor"]),
        ("vendor/b", ["@vendor"]),
        ("apps/github/x", []),
        ("a b.txt", ["@space"]),
        ("secret.py", ["@python"]),
        ("a.py", ["@python"]),
        ("src/deep.c", ["@deep"]),
        ("src/a/b/deep.c", ["@deep"]),
        ("LIB/X.PY", ["@all"]),
    ],
)
def test_github_the_last_match_wins(path: str, expected: list[str]) -> None:
    assert list(parse(ORDERED, GITHUB).owners(path)) == expected


SECTIONED = """
* @default
README.md @readme
\\#odd.md @odd
/config/ @config
lib/ @lib
path\\ with/ @space
[Docs] @docs-team
docs/
*.md @writers
!docs/private/
^[Data][2] @data-team @dba
/db/**/index.md
/flat/** @flat
/only @only
[docs]
/more/ @more
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("x.c", ["@default"]),
        ("README.md", ["@readme", "@writers"]),
        ("sub/README.md", ["@readme", "@writers"]),
        ("#odd.md", ["@odd", "@writers"]),
        ("config/a/b.yml", ["@config"]),
        ("sub/config/b.yml", ["@default"]),
        ("sub/lib/x.c", ["@lib"]),
        ("path with/x.c", ["@space"]),
        ("docs/x.txt", ["@default", "@docs-team"]),
        ("docs/private/x.md", ["@default"]),
        ("db/a/b/index.md", ["@default", "@writers", "@data-team", "@dba"]),
        ("more/x.c", ["@default", "@more"]),
        ("flat/x.c", ["@default", "@flat"]),
        ("flat/a/x.c", ["@default"]),
        ("only", ["@default", "@only"]),
        ("only/x.c", ["@default"]),
    ],
)
def test_gitlab_each_section_counts_for_itself(path: str, expected: list[str]) -> None:
    assert list(parse(SECTIONED, GITLAB).owners(path)) == expected


def test_what_names_nothing_is_left_out() -> None:
    assert parse("/ @x", GITHUB).owners("a") == ()
    for forge in Forge:
        assert parse("\n\n   \n# @y", forge).owners("a") == ()
        assert parse("* @x\n" + "#" * MOST_BYTES, forge).owners("a") == ()


def test_a_hostile_pattern_takes_no_longer_than_it_is_long() -> None:
    """A backtracking matcher would not come to an end here."""
    name = "a" * 3000
    for forge in Forge:
        assert parse(f"/{'*a' * 1000}b @x", forge).owners(name) == ()
        assert parse(f"{'**/a/' * 300}b @x", forge).owners("a/" * 900 + "c") == ()


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(Forge))
def test_any_text_can_be_read(text: str, path: str, forge: Forge) -> None:
    owners = parse(text, forge).owners(path)
    assert all(owner in text for owner in owners)


@given(st.text(alphabet="ab/*", min_size=1, max_size=12), st.sampled_from(Forge))
def test_a_later_line_for_everything_takes_over(pattern: str, forge: Forge) -> None:
    assert parse(f"{pattern} @first\n* @last", forge).owners("a/b") == ("@last",)
