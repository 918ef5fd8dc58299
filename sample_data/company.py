"""The fictional company on disk: repositories, notebooks, feeds, vendors' state, answer key.

The same arguments give the same bytes. Tokens are minted here and stand only in what is
built, never in this repository.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from correlate.kind import Kind
from correlate.model import KindId
from detectors.mint import mint
from jobs.kind_files import packaged_kinds
from sample_data import ci, fleet, kitchen, shelf, shop, unfound
from sample_data.accounts import account_of, github_account
from sample_data.answer_key import answer_key
from sample_data.feeds import directory_ldif, personnel_csv
from sample_data.history import Commit, Fill, Repository, write
from sample_data.planted import issued
from sample_data.simulators.plan import Logins, Plan, read
from sample_data.simulators.world import World
from sample_data.unfound import UNFOUND, issued_unfound

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PLANTED = (*shop.PLANTED, *kitchen.PLANTED, *fleet.PLANTED, *shelf.PLANTED, *ci.PLANTED)
REPOSITORIES = (*shop.REPOSITORIES, *kitchen.REPOSITORIES, *fleet.REPOSITORIES)
GROUPS = ("Security Operations", "Service Desk", "Service Desk")  # one name is ambiguous
_NAME = re.compile(r"<<([a-z0-9.-]+)>>")


@dataclass(frozen=True, slots=True)
class Company:
    """Where everything stands, and what offkey needs to be told about it.

    `now` is the instant that the answer key is right for. `plan` is what the vendors know:
    its `logins` are offkey's own, its `github.path` the organisation, its `gitlab.places`
    the groups.
    """

    folder: Path
    now: datetime
    plan: Plan

    @property
    def repositories(self) -> Path:
        """The folder of repositories: NAME.git (bare) or NAME (with a work tree)."""
        return self.folder / "repositories"

    @property
    def notebooks(self) -> Path:
        """The folder of notebooks, USER/NAME.ipynb."""
        return self.folder / "notebooks"

    @property
    def personnel(self) -> Path:
        """The personnel file, columns as in `feeds.COLUMNS`."""
        return self.folder / "personnel.csv"

    @property
    def directory(self) -> Path:
        """The directory as LDIF; base, markers and schemas are named in `feeds`."""
        return self.folder / "directory.ldif"

    @property
    def expected(self) -> Path:
        """The answer key."""
        return self.folder / "expected_cases.json"

    def world(self) -> World:
        """Return the vendors' state as it is at the start."""
        return World(self.plan)


def build(folder: Path, now: datetime = NOW) -> Company:
    """Build the company below `folder`, which must not hold one yet.

    Dates do not move with `now`: it only says for when the answer key is read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    secrets = _minted()

    def fill(text: str) -> str:
        return _NAME.sub(lambda name: secrets[name[1]], text)

    plan = _plan(secrets, fill)
    company = Company(folder, now, plan)
    _write_repositories(company.repositories, fill)
    for name, text in shelf.NOTEBOOKS.items():
        path = company.notebooks / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fill(text), encoding="utf-8")
    company.personnel.write_bytes(personnel_csv().encode())
    company.directory.write_text(directory_ldif(), encoding="utf-8")
    for feed in (company.personnel, company.directory):
        os.utime(feed, (now.timestamp(), now.timestamp()))  # fresh at the key's own instant
    company.expected.write_text(answer_key(PLANTED, UNFOUND), encoding="utf-8")
    world = {"now": now.isoformat(), "plan": asdict(plan)}
    (folder / "world.json").write_text(json.dumps(world, indent=1), encoding="utf-8")
    return company


def load(folder: Path) -> Company:
    """Return a company that was built before; raises OSError or KeyError where there is none."""
    world = json.loads((folder / "world.json").read_text(encoding="utf-8"))
    return Company(folder, datetime.fromisoformat(world["now"]), read(Plan, world["plan"]))


def _write_repositories(folder: Path, fill: Fill) -> None:
    by_name = {repository.name: repository for repository in REPOSITORIES}
    for repository in REPOSITORIES:
        write(repository, _commits(repository, by_name), folder, fill)


def _commits(repository: Repository, by_name: Mapping[str, Repository]) -> tuple[Commit, ...]:
    if repository.forked is None:
        return repository.commits
    name, count = repository.forked
    return (*by_name[name].commits[:count], *repository.commits)


def _minted() -> dict[str, str]:
    """Return every plaintext by the name that texts call it by."""
    kinds = {kind.id: kind for kind in packaged_kinds()}
    secrets = {one.label: mint(kinds[KindId(one.kind)], one.label) for one in PLANTED}
    secrets |= {one.label: mint(kinds[KindId(unfound.KIND)], one.label) for one in UNFOUND}
    for one in PLANTED:
        if kinds[KindId(one.kind)].partner:
            number, _, secret = secrets[one.label].partition(":")
            secrets |= {f"{one.label}.id": number, f"{one.label}.secret": secret}
    return secrets | _decoys(kinds)


def _decoys(kinds: Mapping[KindId, Kind]) -> dict[str, str]:
    classic = mint(kinds[KindId("github_pat_classic")], "decoy")
    broken = classic[:-1] + ("A" if classic[-1] != "A" else "B")
    prefix = classic.partition("_")[0] + "_"
    password = hashlib.sha256(b"a password of no known issuer").hexdigest()[:20]
    return {
        "wrong-checksum": broken,
        "placeholder-github": prefix + "x" * (len(classic) - len(prefix)),
        "generic-password": password,
    }


def _plan(secrets: Mapping[str, str], fill: Fill) -> Plan:
    tokens = [issued(one, secrets[one.label], account_of(one)) for one in PLANTED if one.vendor]
    tokens += [
        issued_unfound(one, secrets[one.label], github_account(one.owner)) for one in UNFOUND
    ]
    return Plan(_logins(), ci.github(fill), ci.gitlab(fill), "SEC", tuple(tokens), GROUPS)


def _logins() -> Logins:
    def secret(name: str) -> str:
        return "offkey-" + hashlib.sha256(f"login {name}".encode()).hexdigest()[:24]

    return Logins(
        github=secret("github"),
        gitlab=secret("gitlab"),
        jira_email="offkey@fennelandrye.example",
        jira_token=secret("jira"),
        jira_dc_token=secret("jira_dc"),
        servicenow_user="offkey",
        servicenow_password=secret("servicenow"),
    )
