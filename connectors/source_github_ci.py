"""GitHub Actions variables of an organisation, its repositories and their environments.

https://docs.github.com/en/rest/actions/variables and .../secrets: variables are readable,
secrets never are, but tell when they were last set. GitHub tells nobody who set either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.ci_variables import Holder, Variable, again, documents
from connectors.http import Http, policy_of
from connectors.json_shape import as_text, text
from connectors.rest import Rest, segment
from correlate.errors import OffkeyError, Refused
from correlate.model import Document, Identity, Locator, Reader, Right, Skip, Trace
from correlate.ports import KnownItems, ScanUnit, Setup
from correlate.secret import Secret

_PAGE = (("per_page", "100"),)
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`organisations` are read with all their repositories; `repositories` ("owner/name") alone.

    The token needs read access to variables, secrets (their names), environments and
    administration (collaborators).
    """

    token: Secret
    organisations: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    base_url: str = "https://api.github.com"
    site_url: str = "https://github.com"
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> GithubCi:
    """Return the source. Asks nothing yet."""
    policy = replace(policy_of(settings), spacing_s=settings.spacing_s)
    rest = Rest(
        Http(policy),
        settings.base_url,
        setup.name,
        _HEADERS,
        {"Authorization": Secret("Bearer " + settings.token.reveal())},
        forbidden_means_login=False,
    )
    return GithubCi(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class GithubCi:
    """A Source whose containers are organisations and "owner/name" and whose items are variables.

    Variables have no version, so all are read each time: nothing is asked of `known`.
    """

    name: str
    settings: Settings
    rest: Rest

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:  # noqa: ARG002  # see above
        """Plan one unit per organisation and repository."""
        places: list[str] = []
        for organisation in self.settings.organisations:
            places.append(organisation)
            held = self.rest.listed(f"/orgs/{segment(organisation)}/repos", _PAGE)
            places += [text(one, "full_name", self.name) for one in held]
        places += self.settings.repositories
        for number, place in enumerate(dict.fromkeys(places)):
            yield ScanUnit(self.name, place, number)

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        """Yield the container's variables, and its secrets as Skips."""
        try:
            variables = [*self._variables(unit.container), *self._secrets(unit.container)]
            yield from documents(self._holder(unit.container), variables)
        except Refused as error:
            yield Skip(self.name, unit.container, "", f"{error.what}: {error.why}")

    def trace(self, locators: Sequence[Locator]) -> Iterator[Trace]:
        """Yield the traces again that `documents` gave."""
        for locator in locators:
            found = self.reread(locator)
            if isinstance(found, Document) and found.trace is not None:
                yield found.trace

    def reread(self, locator: Locator) -> Document | Skip:
        """Return the variable as it stands now."""
        try:
            variables = self._variables(locator.container)
            holder = self._holder(locator.container)
        except OffkeyError as error:
            return Skip(self.name, locator.container, locator.item, f"{error.what}: {error.why}")
        return again(holder, variables, locator, "the variable is no longer there")

    def _variables(self, container: str) -> list[Variable]:
        return [
            Variable(text(one, "name", self.name), text(one, "value", self.name), scope)
            for scope, root in self._roots(container)
            for one in self.rest.listed(f"{root}/variables", _PAGE, "variables")
        ]

    def _secrets(self, container: str) -> list[Variable]:
        return [
            Variable(text(one, "name", self.name), None, scope, _unreadable(one))
            for scope, root in self._roots(container)
            for one in self.rest.listed(f"{root}/secrets", _PAGE, "secrets")
        ]

    def _roots(self, container: str) -> Iterator[tuple[str, str]]:
        """Yield the environment ("" for none) and path of each set of variables."""
        root = _root(container)
        yield ("", f"{root}/actions")
        if "/" in container:
            for one in self.rest.listed(f"{root}/environments", _PAGE, "environments"):
                name = text(one, "name", self.name)
                yield (name, f"{root}/environments/{segment(name)}")

    def _holder(self, container: str) -> Holder:
        site = self.settings.site_url.rstrip("/")
        if "/" not in container:
            return Holder(
                self.name,
                container,
                (),
                f"{site}/organizations/{container}/settings/variables/actions",
            )
        query = [*_PAGE, ("permission", "push"), ("affiliation", "all")]
        members = self.rest.listed(f"{_root(container)}/collaborators", query)
        link = f"{site}/{container}/settings/variables/actions"
        return Holder(self.name, container, tuple(_readers(members, container, self.name)), link)


def _root(container: str) -> str:
    owner, slash, name = container.partition("/")
    return f"/repos/{segment(owner)}/{segment(name)}" if slash else f"/orgs/{segment(owner)}"


def _unreadable(one: Mapping[str, object]) -> str:
    at = as_text(one.get("updated_at")) or as_text(one.get("created_at")) or "at an unknown time"
    return f"a secret: its value is not readable, last set at {at}"


def _readers(
    members: Sequence[Mapping[str, object]], container: str, where: str
) -> Iterator[Reader]:
    for member in members:
        if member.get("type") == "Bot":
            continue
        role = as_text(member.get("role_name")) or "push or higher"
        why = f"may read the Actions variables of {container} ({role})"
        yield Reader(Identity("github", text(member, "login", where)), why, right=Right.WRITE)
        yield Reader(Identity("github-id", text(member, "id", where)), why, right=Right.WRITE)
