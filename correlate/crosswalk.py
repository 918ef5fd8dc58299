"""Ids of control frameworks as somebody cites them, held against the frameworks' own catalogues.

Pure: catalogues and references in, complaints out. What a partial catalogue does not list is not
wrong but not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_TOKENS = re.compile(r"[a-z]+|\d+")


class Titles(StrEnum):
    """What the texts beside a catalogue's ids are. Only OFFICIAL ones are compared."""

    OFFICIAL = "official"
    STATEMENT = "statement"  # what the control states, where it has no title
    SENSE = "sense"  # our own short words
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One edition of a framework. `withdrawn` ids point to those that took their place, if any.
    `exact`: an id in another spelling is wrong. `prefix` may be left out of an id.
    `superseded_by` is the edition whose `withdrawn` tells what became of these ids.
    """

    framework: str
    edition: str
    name: str
    version: str
    source: str
    complete: bool
    titles: Titles
    controls: Mapping[str, str]
    withdrawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact: bool = False
    prefix: str = ""
    superseded_by: str = ""

    def spelled(self, text: str) -> str:
        """Return the id as the catalogue writes it, empty where it has none such."""
        if text in self.controls or text in self.withdrawn:
            return text
        wanted = self._loose(text)
        known = (*self.controls, *self.withdrawn)
        return next((name for name in known if self._loose(name) == wanted), "")

    def _loose(self, text: str) -> tuple[str, ...]:
        text = text.casefold().removeprefix(self.prefix.casefold())
        return tuple(
            token.lstrip("0") or "0"
            for token in _TOKENS.findall(text.removesuffix(f":{self.edition}"))
        )


@dataclass(frozen=True, slots=True)
class Cited:
    """A reference as somebody wrote it. `where` tells the place of it, for people."""

    framework: str
    edition: str
    id: str
    title: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A citation that is often met, and what is meant by it."""

    cited: Cited
    means: tuple[str, ...]
    relation: str


class Fault(StrEnum):
    """What is wrong with a reference. UNLISTED is not: our catalogue is partial."""

    UNKNOWN_FRAMEWORK = "unknown framework"
    UNKNOWN_EDITION = "unknown edition"
    UNKNOWN_ID = "unknown id"
    OTHER_EDITION = "id of another edition"
    MOVED = "withdrawn, moved"
    WITHDRAWN = "withdrawn"
    MISSPELT = "spelt otherwise"
    MISTITLED = "mistitled"
    UNLISTED = "not in our catalogue (partial)"


# that no catalogue of ours can tell, so that nothing is said against the reference
UNDECIDED = frozenset({Fault.UNLISTED, Fault.UNKNOWN_FRAMEWORK, Fault.UNKNOWN_EDITION})


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault of one reference, and the ids to cite in its place, as far as they are known."""

    cited: Cited
    fault: Fault
    why: str
    instead: tuple[str, ...] = ()


class Crosswalk:
    """All catalogues, and the citations that are often met."""

    def __init__(self, catalogues: Iterable[Catalogue], known: Iterable[Known] = ()) -> None:
        self.catalogues = {(item.framework, item.edition): item for item in catalogues}
        self._known = tuple(known)

    def lint(self, references: Iterable[Cited]) -> list[Complaint]:
        """Return at most one complaint a reference, in their order: the first that holds of those
        that `Fault` lists.
        """
        return [found for cited in references if (found := self.fault(cited)) is not None]

    def fault(self, cited: Cited) -> Complaint | None:
        """Return what is wrong with a reference, None where nothing is."""
        editions = self.editions(cited.framework)
        if not editions:
            return Complaint(cited, Fault.UNKNOWN_FRAMEWORK, "we have no catalogue of it")
        catalogue = editions.get(cited.edition)
        if catalogue is None:
            why = f"we have {', '.join(sorted(editions))}"
            return Complaint(cited, Fault.UNKNOWN_EDITION, why)
        name = catalogue.spelled(cited.id)
        if name != cited.id and (found := self._other_edition(cited, catalogue)):
            return found
        if not name:
            return _absent(cited, catalogue)
        if name in catalogue.withdrawn:
            return _gone(cited, catalogue, name)
        if wrong := self._mistitled(cited, catalogue, name):
            return wrong
        if catalogue.exact and name != cited.id:
            why = f"{catalogue.name} writes it {name}"
            return Complaint(cited, Fault.MISSPELT, why, (name,))
        return None

    def editions(self, framework: str) -> dict[str, Catalogue]:
        """Return the catalogues of a framework by edition."""
        return {key[1]: item for key, item in self.catalogues.items() if key[0] == framework}

    def canonical(self, cited: Cited) -> tuple[str, ...]:
        """Return the ids, in the newest edition we have, that a reference stands for; none where
        that is not known.
        """
        catalogue = self.catalogues.get((cited.framework, cited.edition))
        if catalogue is None:
            return ()
        if catalogue.superseded_by and catalogue.spelled(cited.id):
            catalogue = self.catalogues[cited.framework, catalogue.superseded_by]
        name = catalogue.spelled(cited.id)
        return catalogue.withdrawn.get(name, (name,) if name else ())

    def told(self, framework: str, edition: str, name: str) -> str:
        """Return an id as reports print it: `PR.AA-05 (cited as PR.AC-4, CSF 1.1)`."""
        others = [
            f"{row.cited.id}, {self.catalogues[framework, row.cited.edition].name}"
            for row in self._known
            if name in row.means and row.cited.framework == framework
            and self.catalogues[framework, edition].spelled(name)
        ]  # fmt: skip
        return f"{name} (cited as {'; '.join(others)})" if others else name

    def _other_edition(self, cited: Cited, catalogue: Catalogue) -> Complaint | None:
        """Of an id that this edition does not write so, and another one does."""
        for other in self.editions(cited.framework).values():
            if other is not catalogue and (
                cited.id in other.controls or cited.id in other.withdrawn
            ):
                now = self.canonical(Cited(cited.framework, other.edition, cited.id))
                return Complaint(cited, Fault.OTHER_EDITION, f"it is an id of {other.name}", now)
        return None

    def _mistitled(self, cited: Cited, catalogue: Catalogue, name: str) -> Complaint | None:
        official = catalogue.controls[name]
        compared = catalogue.titles is Titles.OFFICIAL and official and cited.title
        if not compared or _plain(official) in _plain_forms(cited.title):
            return None
        instead = self._meant(cited, catalogue, name) or tuple(
            key
            for key, title in catalogue.controls.items()
            if _plain(title) in _plain_forms(cited.title)
        )
        why = f"{name} of {catalogue.name} is “{official}”"
        return Complaint(cited, Fault.MISTITLED, why, instead)

    def _meant(self, cited: Cited, catalogue: Catalogue, name: str) -> tuple[str, ...]:
        for row in self._known:
            same = (row.cited.framework, row.cited.edition) == (cited.framework, cited.edition)
            if same and row.cited.title and catalogue.spelled(row.cited.id) == name:
                return row.means
        return ()


def _absent(cited: Cited, catalogue: Catalogue) -> Complaint:
    if not catalogue.complete:
        return Complaint(cited, Fault.UNLISTED, f"what we have of {catalogue.name} lacks it")
    return Complaint(cited, Fault.UNKNOWN_ID, f"{catalogue.name} has no such id")


def _gone(cited: Cited, catalogue: Catalogue, name: str) -> Complaint:
    to = catalogue.withdrawn[name]
    why = f"{catalogue.name} marks {name} as withdrawn"
    return Complaint(cited, Fault.MOVED if to else Fault.WITHDRAWN, why, to)


def _plain(title: str) -> str:
    return " ".join(re.findall(r"\w+", title.casefold()))


def _plain_forms(title: str) -> tuple[str, ...]:
    """A title, and without the name of the control that an enhancement belongs to."""
    return (_plain(title), _plain(re.split(r"\s[|/]\s", title)[-1]))
