"""What the audit of AI projects looks at: the places of each, and the projects that nobody configured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from correlate.ai_audit import Who, Window
from correlate.ai_project import AiProject, inferred
from correlate.attribution import resolved
from correlate.kind import Kind
from correlate.model import Exposure, Identity, KindId, Medium, PersonId, Place, Reader
from correlate.ports import Changes, Source
from correlate.ports_store import Transaction
from jobs.circle import Circle
from jobs.metrics import newest_run

# at which issuer a source's containers are kept; "": at one of them, and nobody tells at which
_KEPT_AT = {"github_ci": "github", "gitlab_ci": "gitlab", "git": ""}
_NOTEBOOKS = frozenset({Medium.NOTEBOOK_SOURCE, Medium.NOTEBOOK_OUTPUT})


@dataclass(frozen=True, slots=True)
class Field:
    """All that the store knows of: its containers, and the projects among them, configured or not."""

    places: frozenset[Place]
    projects: tuple[AiProject, ...]


@dataclass(frozen=True, slots=True)
class Sources:
    """Which sources, by name, can tell who changed which texts, and of which type all of them are."""

    tellers: Mapping[str, Changes] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Look:
    """What is looked at for one project, in one transaction. `gaps` say what could not be."""

    tx: Transaction
    kinds: Mapping[KindId, Kind]
    met: Circle
    window: Window
    project: AiProject
    places: Sequence[Place]
    asked: Sources
    gaps: list[str] = field(default_factory=list)

    def exposures(self) -> Iterator[Exposure]:
        """Yield the places of credentials within the project."""
        within = set(self.places)
        for found in self.tx.scans.by_credential(self.tx.scans.standing_in(self.places)):
            yield from (one for one in found if place_of(one) in within)

    def kept_at(self) -> set[str]:
        """Return the issuers at which the project is kept; "" for one that nobody tells."""
        types = (self.asked.types.get(source, "") for source, _ in self.places)
        return {_KEPT_AT[one] for one in types if one in _KEPT_AT}

    def whose(self, identity: Identity, reader: Reader) -> list[Who]:
        """Return the persons behind an account at the time of a reading, or the account itself."""
        found = resolved([reader], self.met.staff.people)
        return [(one.person, "") for one in found] or [(None, str(identity))]

    def name(self, person: PersonId) -> str:
        """Return a person's public name."""
        known = self.met.staff.people.persons.get(person)
        return known.public_name if known is not None else person

    def sensitive(self, person: PersonId | None) -> bool:
        """Whether nothing may be told of a person."""
        known = self.met.staff.people.persons.get(person) if person is not None else None
        return known is not None and known.sensitive


def survey(tx: Transaction, configured: Sequence[AiProject]) -> Field:
    """Return what there is to look at, in one pass over what was found."""
    run = newest_run(tx)
    covered = tx.runs.coverage(run.id) if run else ()
    places = {(part.source, part.container) for part in covered if part.container}
    places |= {place for place, _ in tx.access.all_readers()}
    notebooks: dict[Place, bool] = {}
    texts: set[tuple[Place, str]] = set()
    for found in tx.scans.by_credential():
        for one in found:
            place = place_of(one)
            notebooks[place] = one.medium in _NOTEBOOKS and notebooks.get(place, True)
            texts.add((place, path_of(one)))
    stores = [place for place, only_notebooks in notebooks.items() if only_notebooks]
    found_too = inferred(stores, texts, configured)
    return Field(frozenset(places | notebooks.keys()), (*configured, *found_too))


def sources_of(sources: Iterable[Source], types: Mapping[str, str]) -> Sources:
    """Return what can be asked of the sources, whose types are given by their names."""
    named: dict[str, object] = {one.name: one for one in sources}
    tellers = {name: one for name, one in named.items() if isinstance(one, Changes)}
    return Sources(tellers, types)


def place_of(one: Exposure) -> Place:
    """Return the container that a credential stands in."""
    return one.locator.source, one.locator.container


def path_of(one: Exposure) -> str:
    """Return what people call the place."""
    return one.trace.path if one.trace is not None else one.locator.item
