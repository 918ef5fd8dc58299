"""Offkey's configuration for the fictional company: the file a real team would write by hand."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from sample_data import ai
from sample_data.company import Company
from sample_data.exceptions import APPROVERS, POLICY, VERSION
from sample_data.unfound import LIST

_HOSTS = ("github", "gitlab", "slack", "npm", "openai", "anthropic", "huggingface")


def write_configuration(
    company: Company, urls: Mapping[str, str], folder: Path, ticketing: str = "jira"
) -> Path:
    """Write `offkey.toml` below `folder` for vendors at `urls`; return its path.

    Every login goes into a file of its own that only its owner may read. `ticketing` is
    "jira", "jira_dc" or "servicenow". A pepper that is there already is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    logins = company.plan.logins
    _private(folder / "logins" / "github", logins.github)
    _private(folder / "logins" / "gitlab", logins.gitlab)
    _private(folder / "logins" / "jira", logins.jira_token)
    _private(folder / "logins" / "jira_dc", logins.jira_dc_token)
    _private(folder / "logins" / "servicenow", logins.servicenow_password)
    if not (folder / "logins" / "pepper").exists():
        _private(folder / "logins" / "pepper", secrets.token_hex(32))
    path = folder / "offkey.toml"
    path.write_text(
        "\n".join(
            [
                _fixed(company),
                _sources(company, urls),
                _issuers(urls),
                _lists(company, urls),
                _ai_projects(),
                _ticketing(company, urls, ticketing),
            ]
        ),
        encoding="utf-8",
    )
    return path


def _private(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def _fixed(company: Company) -> str:
    return f"""\
# The vendors named here are simulators on this machine. Nothing leaves it.
[organisation]
name = "Fennel & Rye (fictional)"
state = "state"
pepper = {{ file = "logins/pepper" }}

[policy]
proof_gap_seconds = 1       # simulators have no lag; leave this out for real issuers
settle_seconds = 5.0
patience_seconds = 1.0      # nor does any of them ask us to wait for long

[exceptions]
approvers = ["{'", "'.join(APPROVERS)}"]
policies = ["{POLICY} {VERSION}"]

[[people]]
type = "csv"
name = "personnel"
path = "{company.personnel}"
max_age_hours = 0.0

[[people]]
type = "ldif"
name = "directory"
path = "{company.directory}"
max_age_hours = 0.0
"""


def _sources(company: Company, urls: Mapping[str, str]) -> str:
    return f"""\
[[sources]]
type = "git"
name = "repositories"
repositories = [{", ".join(f'"{path}"' for path in sorted(company.repositories.iterdir()))}]

[[sources]]
type = "gitlab_ci"
name = "gitlab-variables"
base_url = "{urls["gitlab"]}"
token = {{ file = "logins/gitlab" }}
instance = true
groups = [{", ".join(f'"{place.path}"' for place in company.plan.gitlab.places)}]
internal_hosts = ["127.0.0.1"]

[[sources]]
type = "github_ci"
name = "github-variables"
base_url = "{urls["github"]}"
token = {{ file = "logins/github" }}
organisations = ["{company.plan.github.path}"]
internal_hosts = ["127.0.0.1"]

[[sources]]
type = "notebooks"
name = "notebooks"
path = "{company.notebooks}"
"""


def _ai_projects() -> str:
    return f"""\
[[ai_projects]]
name = "{ai.NAME}"
places = [{", ".join(f'"{place}"' for place in ai.PLACES)}]
prompts = ["notebooks/*.ipynb"]
approvals = ["CODEOWNERS"]
logs = ["runs/*"]
"""


def _lists(company: Company, urls: Mapping[str, str]) -> str:
    return f"""\
[[inventory]]
type = "github"
name = "{LIST}"
base_url = "{urls["github"]}"
token = {{ file = "logins/github" }}
orgs = ["{company.plan.github.path}"]
fine_grained = false
deploy_keys = false
internal_hosts = ["127.0.0.1"]
"""


def _issuers(urls: Mapping[str, str]) -> str:
    hosts = ", ".join(f'{vendor} = "{urls[vendor]}"' for vendor in _HOSTS)
    return f"""\
[[issuers]]
type = "http"
name = "issuers"
hosts = {{ {hosts} }}
internal_hosts = ["127.0.0.1"]
spacing_s = 0.0

[[issuers]]
type = "aws"
name = "aws"
hosts = {{ aws = "{urls["aws_sts"]}" }}
internal_hosts = ["127.0.0.1"]
spacing_s = 0.0
"""


def _ticketing(company: Company, urls: Mapping[str, str], ticketing: str) -> str:
    logins = company.plan.logins
    if ticketing == "servicenow":
        return f"""\
[[tickets]]
type = "servicenow"
name = "servicenow"
base_url = "{urls["servicenow"]}"
username = "{logins.servicenow_user}"
password = {{ file = "logins/servicenow" }}
assignment_group = "Security Operations"
internal_hosts = ["127.0.0.1"]
"""
    cloud = ticketing == "jira"
    email = f'email = "{logins.jira_email}"' if cloud else ""
    return f"""\
[[tickets]]
type = "jira"
name = "jira"
deployment = "{"cloud" if cloud else "datacenter"}"
base_url = "{urls[ticketing]}"
project = "{company.plan.jira_project}"
token = {{ file = "logins/{ticketing}" }}
{email}
internal_hosts = ["127.0.0.1"]
"""
