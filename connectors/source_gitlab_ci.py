"""GitLab CI/CD variables of an instance, its groups and its projects.

https://docs.gitlab.com/api/project_level_variables/: values are readable, masked ones too;
those "masked and hidden" are not. GitLab tells neither who set a variable nor when.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.ci_variables import Holder, Variable, again, documents
from connectors.http import Http, policy_of
from connectors.instants import instant
from connectors.json_shape import as_text, row, text
from connectors.rest import Rest, segment
from correlate.errors import OffkeyError, Refused
from correlate.model import Document, Identity, Locator, Reader, Right, Skip, Trace
from correlate.ports import KnownItems, ScanUnit, Setup
from correlate.secret import Secret

INSTANCE = "instance"
_API = "/api/v4"
_MAINTAINER = 40  # https://docs.gitlab.com/user/permissions/: who may see a project's variables
_PAGE = (("per_page", "100"),)


@dataclass(frozen=True, slots=True)
class Settings:
    """`groups` and `projects` are full paths, each group with all below it; with neither, all
    that the token may see. `instance` needs an administrator's token with scope api.
    """

    token: Secret
    base_url: str = "https://gitlab.com"
    groups: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    instance: bool = False
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 30.0
    spacing_s: float = 0.0


def connect(settings: Settings, setup: Setup) -> GitlabCi:
    """Return the source. Asks nothing yet."""
    policy = replace(policy_of(settings), spacing_s=settings.spacing_s)
    rest = Rest(
        Http(policy),
        settings.base_url,
        setup.name,
        secrets={"PRIVATE-TOKEN": settings.token},
        forbidden_means_login=False,
    )
    return GitlabCi(setup.name, settings, rest)


@dataclass(frozen=True, slots=True)
class GitlabCi:
    """A Source whose containers are full paths (or "instance") and whose items are variables.

    Variables have no version, so all are read each time: nothing is asked of `known`.
    """

    name: str
    settings: Settings
    rest: Rest

    def units(self, known: KnownItems) -> Iterator[ScanUnit | Skip]:  # noqa: ARG002  # see above
        """Plan one unit per container."""
        places = self._places()
        for number, (kind, path) in enumerate(dict.fromkeys(places)):
            yield ScanUnit(self.name, path, number, json.dumps({"kind": kind}))

    def documents(self, unit: ScanUnit) -> Iterator[Document | Skip]:
        """Yield the container's variables; a container that refuses is a Skip."""
        kind = str(json.loads(unit.payload)["kind"])
        try:
            holder = self._holder(kind, unit.container)
            yield from documents(holder, self._variables(kind, unit.container))
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
            for kind in self._kinds(locator.container):
                variables = self._variables(kind, locator.container, absent_is_empty=True)
                if variables:
                    holder = self._holder(kind, locator.container)
                    return again(holder, variables, locator, "the variable is no longer there")
        except OffkeyError as error:
            return Skip(self.name, locator.container, locator.item, f"{error.what}: {error.why}")
        return Skip(self.name, locator.container, locator.item, "the variable is no longer there")

    def _places(self) -> Iterator[tuple[str, str]]:
        if self.settings.instance:
            yield (INSTANCE, INSTANCE)
        if not self.settings.groups and not self.settings.projects:
            query = [*_PAGE, ("all_available", "false")]  # not every public group of the site
            for group in self.rest.listed(f"{_API}/groups", query):
                yield ("group", text(group, "full_path", self.name))
            query = [*_PAGE, ("simple", "true")]
            if not self.settings.instance:  # an administrator sees all
                query.append(("membership", "true"))
            for project in self.rest.listed(f"{_API}/projects", query):
                yield ("project", text(project, "path_with_namespace", self.name))
        for path in self.settings.groups:
            yield from self._below(path)
        yield from (("project", path) for path in self.settings.projects)

    def _below(self, path: str) -> Iterator[tuple[str, str]]:
        """Yield a group, the groups below it and all their projects."""
        yield ("group", path)
        root = f"{_API}/groups/{segment(path)}"
        for group in self.rest.listed(f"{root}/descendant_groups", _PAGE):
            yield ("group", text(group, "full_path", self.name))
        query = [*_PAGE, ("include_subgroups", "true"), ("with_shared", "false")]
        for project in self.rest.listed(f"{root}/projects", query):
            yield ("project", text(project, "path_with_namespace", self.name))

    def _kinds(self, container: str) -> Sequence[str]:
        if container == INSTANCE:
            return (INSTANCE,)
        return ("project", "group") if "/" in container else ("group",)

    def _root(self, kind: str, container: str) -> str:
        return f"{_API}/{kind}s/{segment(container)}"

    def _variables(
        self, kind: str, container: str, *, absent_is_empty: bool = False
    ) -> list[Variable]:
        path = f"{_API}/admin/ci/variables"
        if kind != INSTANCE:
            path = f"{self._root(kind, container)}/variables"
        if absent_is_empty and self.rest.get(path, _PAGE, also=frozenset({404})).status == 404:  # noqa: PLR2004
            return []
        return [_variable(one, self.name) for one in self.rest.listed(path, _PAGE)]

    def _holder(self, kind: str, container: str) -> Holder:
        link = f"{self.settings.base_url.rstrip('/')}/"
        if kind == INSTANCE:
            return Holder(self.name, container, (), f"{link}admin/application_settings/ci_cd")
        link += (
            f"{container}/-/settings/ci_cd"
            if kind == "project"
            else f"groups/{container}/-/settings/ci_cd"
        )
        members = self.rest.listed(f"{self._root(kind, container)}/members/all", _PAGE)
        return Holder(self.name, container, tuple(_readers(members, container, self.name)), link)


def _variable(one: object, where: str) -> Variable:
    held = row(one, where)
    scope = as_text(held.get("environment_scope"))
    name = text(held, "key", where)
    scope = "" if scope == "*" else scope
    if held.get("hidden") is True or not isinstance(held.get("value"), str):
        return Variable(name, None, scope, "hidden: GitLab does not give its value to anybody")
    return Variable(name, as_text(held.get("value")), scope)


def _readers(members: Sequence[object], container: str, where: str) -> Iterator[Reader]:
    for one in members:
        member = row(one, where)
        level = member.get("access_level")
        if not isinstance(level, int) or level < _MAINTAINER:
            continue
        why = f"may see the CI variables of {container} (access level {level})"
        since = instant(as_text(member.get("created_at")))
        yield Reader(
            Identity("gitlab", text(member, "username", where)), why, since, right=Right.WRITE
        )
        yield Reader(
            Identity("gitlab-id", text(member, "id", where)), why, since, right=Right.WRITE
        )
