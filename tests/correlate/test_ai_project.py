"""What belongs to a project is told by patterns, and what is nobody's project is only inferred."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.ai_project import CONVENTIONS, AiProject, Role, inferred

PROJECT = AiProject("bot", ("repos:support-*", "answers"))
OWN = AiProject("own", ("x",), {Role.PROMPTS: ("say/*.txt",), Role.LOGS: ("*.log",)})


@pytest.mark.parametrize(
    ("place", "held"),
    [
        (("repos", "support-bot"), True),
        (("ci", "support-bot"), False),
        (("ci", "answers"), True),
        (("repos", "answers"), True),
        (("repos", "answers-old"), False),
        (("repos", "Support-bot"), False),
    ],
)
def test_a_place_is_the_projects_by_source_and_container(
    place: tuple[str, str], held: bool
) -> None:
    assert PROJECT.holds(place) is held


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        ("prompts/greet.txt", [Role.PROMPTS]),
        ("app/prompts/deep/greet.txt", [Role.PROMPTS]),
        ("system_prompt.md", [Role.PROMPTS]),
        ("app/AGENTS.md", [Role.PROMPTS]),
        (".github/copilot-instructions.md", [Role.PROMPTS]),
        ("work/eval.ipynb", [Role.PROMPTS]),
        ("data/train.jsonl", [Role.DATASETS]),
        ("data/train.csv.dvc", [Role.DATASETS]),
        ("datasets/prompts/a.txt", [Role.PROMPTS, Role.DATASETS]),
        (".github/CODEOWNERS", [Role.APPROVALS]),
        ("model_card.md", [Role.APPROVALS]),
        ("mlruns/0/meta.yaml", [Role.LOGS]),
        ("src/main.py", []),
        ("prompt.py", []),  # code that asks is not what is asked
    ],
)
def test_by_convention_a_path_tells_what_it_is(path: str, roles: list[Role]) -> None:
    assert list(PROJECT.roles(path)) == roles


def test_own_patterns_stand_instead_of_all_conventions() -> None:
    assert OWN.roles("say/hello.txt") == (Role.PROMPTS,)
    assert OWN.roles("deep/any.log") == (Role.LOGS,)
    assert OWN.roles("prompts/hello.txt") == ()
    assert OWN.stated() == (Role.PROMPTS, Role.LOGS)
    assert PROJECT.stated() == tuple(Role)


def test_stores_of_notebooks_and_what_looks_alike_are_projects_of_their_own() -> None:
    texts = [
        (("repos", "shop"), "src/main.py"),
        (("repos", "shop"), "logs/today.log"),  # every service has logs
        (("repos", "bot"), "prompts/a.txt"),
        (("repos", "support-bot"), "prompts/a.txt"),
    ]
    found = inferred([("hub", "server")], texts, [PROJECT])
    assert [one.name for one in found] == ["hub:server", "repos:bot"]
    assert all(one.inferred and one.patterns == CONVENTIONS for one in found)


@given(st.text("ab*?[]!-", min_size=1), st.text("ab*?[]!-", min_size=1))
def test_an_inferred_project_is_the_one_place(name: str, other: str) -> None:
    (made,) = inferred([("s", name)], [], [])
    assert made.holds(("s", name))
    assert made.holds(("s", other)) is (name == other)
