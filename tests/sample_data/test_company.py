from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

import sample_data
from sample_data import shelf
from sample_data.cast import CAST
from sample_data.company import PLANTED, REPOSITORIES, Company, build, load
from sample_data.history import Repository
from sample_data.planted import Planted
from sample_data.simulators.plan import Forge
from sample_data.unfound import UNFOUND

BY_LABEL = {one.label: one for one in PLANTED}
IN_REPOSITORIES = {repository.name for repository in REPOSITORIES}


def digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def git(company: Company, name: str, *words: str) -> str:
    bare = company.repositories / f"{name}.git"
    path = bare if bare.exists() else company.repositories / name
    done = subprocess.run(["git", "-C", path, *words], capture_output=True, check=True)
    return done.stdout.decode()


def plaintexts(company: Company, one: Planted) -> list[str]:
    """The texts to look for: both halves of a pair. Without an issuer: from the built files."""
    found = [t.secret for t in company.plan.tokens if t.label == one.label]
    return found[0].split(":") if one.kind == "aws_access_key" else found


def blobs_at(company: Company, name: str, path: str) -> list[str]:
    """Every version of a file in the object store, reachable or not."""
    objects = git(company, name, "cat-file", "--batch-all-objects", "--batch-check")
    commits = [line.split()[0] for line in objects.splitlines() if " commit " in line]
    texts = []
    for commit in commits:
        listed = git(company, name, "ls-tree", "-r", commit, "--", path)
        if listed:
            texts.append(git(company, name, "cat-file", "blob", listed.split()[2]))
    return texts


def test_the_same_arguments_give_the_same_bytes(company: Company, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    assert digest(again.folder) == digest(company.folder)


def test_a_built_company_can_be_loaded(company: Company) -> None:
    assert load(company.folder) == company


def test_every_text_names_planted_secrets_only_and_every_planted_one_stands_somewhere() -> None:
    texts = [
        text
        for repository in REPOSITORIES
        for commit in repository.commits
        for text in commit.files.values()
        if text
    ]
    texts += shelf.NOTEBOOKS.values()
    named = {name for text in texts for name in re.findall(r"<<([a-z-]+)(?:\.\w+)?>>", text)}
    decoys = {"placeholder-github", "wrong-checksum", "generic-password"}
    outside_ci = {one.label for one in PLANTED if ":variable " not in one.places[0]}
    assert named == outside_ci | decoys


@pytest.mark.parametrize("one", PLANTED, ids=lambda one: one.label)
def test_a_secret_stands_in_each_of_its_places(company: Company, one: Planted) -> None:
    for place in one.places:
        container, _, path = place.partition(":")
        if path.startswith("variable "):
            texts = variable_values(company, container, path.removeprefix("variable "))
        elif container == "notebooks":
            texts = [(company.notebooks / path).read_text(encoding="utf-8")]
        else:
            texts = blobs_at(company, container, path)
        wanted = plaintexts(company, one)
        assert any(all(part in text for part in wanted) for text in texts), place
        assert all("<<" not in text for text in texts)


def variable_values(company: Company, container: str, name: str) -> list[str]:
    def walk(forge: Forge, root: str, prefix: str) -> dict[str, list[str]]:
        found = {root: [v.value for v in forge.variables if v.name == name]}
        for place in forge.places:
            held = [v for p in (place, *place.places) for v in p.variables]
            found[prefix + place.path] = [v.value for v in held if v.name == name]
            for inner in place.places:
                found[inner.path] = [v.value for v in inner.variables if v.name == name]
        return found

    everything = walk(company.plan.github, "fennelandrye", "fennelandrye/")
    everything |= walk(company.plan.gitlab, "instance", "")
    return everything[container]


def token(company: Company, label: str) -> str:
    return next(t.secret for t in company.plan.tokens if t.label == label)


def test_the_force_pushed_secret_is_on_no_ref_but_in_the_object_store(company: Company) -> None:
    secret = token(company, "erik-npm")
    assert secret not in git(company, "orders-api", "log", "--all", "-p")
    assert any(secret in text for text in blobs_at(company, "orders-api", ".npmrc"))
    assert "dangling commit" in git(company, "orders-api", "fsck", "--dangling", "--no-reflogs")


def test_the_merge_only_secret_is_in_neither_parent(company: Company) -> None:
    secret = token(company, "ravi-openai")
    introduced = git(company, "billing", "log", "-p", "--all", "--no-merges", "--reverse")
    added = [line for line in introduced.splitlines() if line.startswith("+")]
    assert not any(secret in line for line in added)
    merge = git(company, "billing", "rev-list", "--merges", "main").strip()
    assert secret in git(company, "billing", "show", f"{merge}:src/llm.py")
    for parent in ("^1", "^2"):
        assert "llm.py" not in git(company, "billing", "ls-tree", "-r", f"{merge}{parent}")


def test_the_tagged_secret_is_on_the_tag_only(company: Company) -> None:
    secret = token(company, "scanner-slack-bot")
    assert secret not in git(company, "warehouse-scanner", "log", "--branches", "-p")
    assert secret in git(company, "warehouse-scanner", "log", "--tags", "-p")


@pytest.mark.parametrize("label", ["storefront-slack-bot", "oskar-aws-key"])
def test_the_deleted_secrets_are_gone_from_the_tip(company: Company, label: str) -> None:
    name, _, path = BY_LABEL[label].places[0].partition(":")
    tip = git(company, name, "grep", "-h", "-e", "", "HEAD")
    assert not any(part in tip for part in token(company, label).split(":"))
    assert blobs_at(company, name, path)


def test_the_fork_has_the_very_same_blob(company: Company) -> None:
    tips = [
        git(company, name, "rev-parse", "HEAD:deploy/config.env")
        for name in ("storefront", "storefront-experiments")
    ]
    assert tips[0] == tips[1]


def test_repositories_are_whole(company: Company) -> None:
    for repository in REPOSITORIES:
        git(company, repository.name, "fsck", "--strict", "--no-dangling")
        if not repository.bare:
            assert git(company, repository.name, "status", "--porcelain") == ""


def authors(repository: Repository) -> set[str]:
    return {commit.by for commit in repository.commits}


def test_repositories_have_few_authors_and_old_dates() -> None:
    for repository in REPOSITORIES:
        assert len(authors(repository)) <= 5
        days = [commit.at for commit in repository.commits]
        assert days[0] >= "2022"
        assert days[-1] < "2026-11-20"


def test_the_personnel_file_holds_its_traps(company: Company) -> None:
    with company.personnel.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    ids = Counter(row["employee_id"] for row in rows)
    assert ids["000123"] == 1
    assert ids["100160"] == 2
    assert {row["last_name"] for row in rows if row["employee_id"] == "100171"} == {"NA"}
    holders = [row["employee_id"] for row in rows if row["email"].startswith("john.smith@")]
    assert holders == ["100052", "100175"]
    assert len(rows) >= 30


def test_the_answer_key_holds_every_kind_of_case_and_nobody_unknown(company: Company) -> None:
    key = json.loads(company.expected.read_text(encoding="utf-8"))
    assert {row["case"] for row in key["cases"]} == {"F1", "F2", "F3", "F4", "F5", "F6", "F11"}
    known = {one.id for one in CAST}
    people = {row["person"] for row in key["cases"] + key["watch"]} - {None}
    assert people <= known
    assert any(len(row["places"]) > 1 for row in key["cases"])
    assert {row["reason"] for row in key["watch"]} == {
        "not_verifiable",
        "unknown",
        "suspected_leaver",
    }


def test_the_answer_key_holds_no_plaintext(company: Company) -> None:
    text = company.expected.read_text(encoding="utf-8")
    assert not any(token.secret in text for token in company.plan.tokens)


def test_the_readme_names_everybody_and_everything_planted() -> None:
    text = (Path(sample_data.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert [one.id for one in CAST if f"| {one.id} |" not in text] == []
    planted = (*PLANTED, *UNFOUND)
    assert [one.label for one in planted if f"| {one.label} |" not in text] == []
