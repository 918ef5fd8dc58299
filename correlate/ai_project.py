"""What of a place belongs to a model, an agent or a notebook project: its prompts, data sets, approvals
and logs, by the configuration, else by where teams commonly keep them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType

from correlate.model import Place


class Role(StrEnum):
    """What a text is to a model or an agent."""

    PROMPTS = "prompts"
    DATASETS = "datasets"
    APPROVALS = "approvals"
    LOGS = "logs"


Patterns = Mapping[Role, Sequence[str]]

# Shell patterns over paths; one without "/" is of the name alone. Where the names come from:
# prompts: https://agents.md, https://prompty.ai, https://docs.github.com/en/copilot (copilot-instructions.md),
#   https://jupyter.org (.ipynb: what was asked of a model stands in the cells)
# data sets: https://huggingface.co/docs/datasets (dataset_infos.json), https://dvc.org/doc (.dvc, dvc.lock)
# approvals: https://docs.github.com/en/repositories (CODEOWNERS), https://huggingface.co/docs/hub/model-cards
# logs: https://mlflow.org/docs (mlruns), https://docs.wandb.ai (wandb)
CONVENTIONS: Patterns = MappingProxyType(
    {
        Role.PROMPTS: (
            *("prompts/*", "*/prompts/*", "*prompt*.txt", "*prompt*.md", "*prompt*.yml"),
            *("*prompt*.yaml", "*prompt*.json", "*prompt*.j2", "*.prompt", "*.prompty"),
            *("AGENTS.md", "CLAUDE.md", "copilot-instructions.md", ".cursorrules", "*.ipynb"),
        ),
        Role.DATASETS: (
            *("datasets/*", "*/datasets/*", "dataset_infos.json", "dataset_info.json"),
            *("dataset-metadata.json", "*.dvc", "dvc.lock", "*.jsonl", "*.parquet"),
        ),
        Role.APPROVALS: ("CODEOWNERS", "model_card*", "modelcard*", "MODEL_CARD*", "approvals/*"),
        Role.LOGS: ("mlruns/*", "*/mlruns/*", "wandb/*", "*/wandb/*", "logs/*", "*/logs/*"),
    }
)


@dataclass(frozen=True, slots=True)
class AiProject:
    """One model, agent or notebook project. `places` are shell patterns over "source:container", or
    over the container alone where they hold no ":". `inferred`: nobody configured it.
    """

    name: str
    places: tuple[str, ...]
    patterns: Patterns = field(default_factory=lambda: CONVENTIONS)
    inferred: bool = False

    def holds(self, place: Place) -> bool:
        """Whether a container belongs to the project."""
        whole = ":".join(place)
        return any(fnmatchcase(whole if ":" in one else place[1], one) for one in self.places)

    def roles(self, path: str) -> tuple[Role, ...]:
        """Return what the text at a path is; nothing for what is neither."""
        return tuple(role for role in Role if _matches(path, self.patterns.get(role, ())))

    def stated(self) -> tuple[Role, ...]:
        """Return the roles that anything of the project may have."""
        return tuple(role for role in Role if self.patterns.get(role))


def inferred(
    notebooks: Iterable[Place], held: Iterable[tuple[Place, str]], known: Sequence[AiProject]
) -> list[AiProject]:
    """Return the projects that nobody configured: each store of `notebooks`, and each container in
    which a text that is `held` looks like a prompt, a data set or an approval.
    """
    alike = AiProject("", ())
    found = set(notebooks)
    found |= {place for place, path in held if set(alike.roles(path)) - {Role.LOGS}}
    return [
        AiProject(":".join(place), (":".join(_literal(part) for part in place),), inferred=True)
        for place in sorted(found)
        if not any(one.holds(place) for one in known)
    ]


def _literal(text: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in text)


def _matches(path: str, patterns: Iterable[str]) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(path if "/" in one else name, one) for one in patterns)
