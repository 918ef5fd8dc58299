"""One TOML file, each value with the place it came from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from correlate.ai_project import CONVENTIONS, Role
from correlate.errors import ConfigError
from jobs.config import Config, load, parse
from jobs.config_sections import ExceptionSettings

LEAST = '[organisation]\npepper = { env = "PEPPER" }\n'
ENVIRON = {"PEPPER": "x" * 64}


def read(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "offkey.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, {**ENVIRON, **environ})


def test_the_least_configuration_has_a_default_for_all_the_rest(tmp_path: Path) -> None:
    made = read(tmp_path, LEAST)
    assert made.connectors == ()
    assert (made.store.type, made.policy.max_new_tickets, made.schedule.nightly) == (
        "sql",
        50,
        "02:00",
    )
    assert made.pepper().key_id == "p1"
    assert made.origins["policy.max_new_tickets"] == "default"


def test_the_environment_wins_over_the_file_but_not_for_secrets(tmp_path: Path) -> None:
    text = LEAST + "[policy]\nmax_new_tickets = 5\n"
    made = read(
        tmp_path,
        text,
        OFFKEY_POLICY__MAX_NEW_TICKETS="7",
        OFFKEY_POLICY__SETTLE_SECONDS="1.5",
        OFFKEY_POLICY__ACCEPTED_RESOLUTIONS="Accepted,Fine",
        OFFKEY_ORGANISATION__NAME="Ours",
        OFFKEY_ORGANISATION__PEPPER="y" * 64,
    )
    assert (made.policy.max_new_tickets, made.policy.settle_seconds) == (7, 1.5)
    assert made.policy.accepted_resolutions == ("Accepted", "Fine")
    assert made.organisation.name == "Ours"
    assert made.origins["policy.max_new_tickets"] == "$OFFKEY_POLICY__MAX_NEW_TICKETS"
    assert made.organisation.pepper.reveal() == "x" * 64


def test_exceptions_need_approvers_and_policies(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST).exceptions == ExceptionSettings((), (), 90, 2)
    text = LEAST + '[exceptions]\napprovers = ["c@x"]\npolicies = ["RISK-7 2"]\nmax_days = 30\n'
    made = read(tmp_path, text, OFFKEY_EXCEPTIONS__MAX_RENEWALS="0")
    assert made.exceptions == ExceptionSettings(("c@x",), ("RISK-7 2",), 30, 0)


def test_packs_plugins_and_baselines_of_others_stand_beside_own_kinds(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST).kinds.packs == ()
    made = read(tmp_path, LEAST + '[kinds]\nfolders = ["k"]\npacks = ["a.toml", "b"]\n').kinds
    assert (made.folders, made.packs) == (("k",), ("a.toml", "b"))
    made = read(tmp_path, LEAST, OFFKEY_KINDS__PLUGINS="a.py", OFFKEY_KINDS__BASELINES="b").kinds
    assert (made.plugins, made.baselines) == (("a.py",), ("b",))


def test_connectors_have_a_role_a_name_and_the_rest_as_it_stands(tmp_path: Path) -> None:
    made = read(tmp_path, LEAST + '[[sources]]\ntype = "git"\nrepositories = ["."]\n')
    (source,) = made.of("source")
    assert (source.type, source.name, source.where) == ("git", "git", "sources[1]")
    assert source.table == {"repositories": ["."]}
    assert made.of("issuer") == ()


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "organisation.pepper"),
        (LEAST + "[nothing]\n", "[nothing]"),
        (LEAST + "policy = 1\n", "organisation.policy"),
        ("policy = 1\n" + LEAST, "policy"),
        (LEAST + "[sources]\n", "sources"),
        (LEAST + "[[sources]]\n", "sources[1].type"),
        (LEAST + '[[sources]]\ntype = "../git"\n', "sources[1].type"),
        (LEAST + '[[sources]]\ntype = "git"\nname = 3\n', "sources[1].name"),
        (LEAST + '[[sources]]\ntype = "git"\n[[sources]]\ntype = "git"\n', "sources[2].name"),
    ],
)
def test_a_wrong_section_is_refused_by_its_name(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert where in caught.value.where
    assert caught.value.fix


def test_a_number_from_the_environment_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, LEAST, OFFKEY_POLICY__MAX_NEW_TICKETS="many")
    assert caught.value.where == "policy.max_new_tickets"
    assert "many" not in str(caught.value)


def test_a_file_that_is_not_there_or_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="config init"):
        load(tmp_path / "nowhere.toml", {})
    with pytest.raises(ConfigError, match="config check"):
        read(tmp_path, "[[")


@pytest.mark.parametrize("state", ["state", ".", "state/../state"])
def test_a_pepper_below_the_state_folder_is_refused(tmp_path: Path, state: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "pepper").write_text("x" * 64)
    text = f'[organisation]\nstate = "{state}"\npepper = {{ file = "state/pepper" }}\n'
    with pytest.raises(ConfigError, match="beside the store"):
        read(tmp_path, text)


def test_a_short_pepper_is_refused_when_it_is_used(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="31 bytes"):
        read(tmp_path, LEAST, PEPPER="x" * 31).pepper()


def test_the_packaged_template_is_a_configuration(tmp_path: Path) -> None:
    import jobs  # noqa: PLC0415  # its place on disk

    template = Path(str(jobs.__file__)).parent / "templates" / "offkey.toml"
    (tmp_path / "pepper").write_text("x" * 64)
    raw = tomllib.loads(template.read_text(encoding="utf-8").replace("@PEPPER@", "pepper"))
    assert parse(raw, tmp_path / "offkey.toml", {}).of("source")


@pytest.mark.parametrize("key", ["decoys", "break_glass"])
def test_a_list_holds_fingerprints_and_what_is_none_is_not_shown(tmp_path: Path, key: str) -> None:
    good = read(tmp_path, LEAST + f'[policy]\n{key} = ["0a1b2c3d"]\n')
    assert getattr(good.policy, key) == ("0a1b2c3d",)
    secret = "the-" + "secret-itself"
    with pytest.raises(ConfigError, match=rf"policy\.{key}\[2\]") as caught:
        read(tmp_path, LEAST + f'[policy]\n{key} = ["0a1b2c3d", "{secret}"]\n')
    assert secret[:4] not in str(caught.value)


def test_the_figures_go_to_a_file_that_prometheus_would_read(tmp_path: Path) -> None:
    made = read(tmp_path, LEAST + '[metrics]\nprometheus_file = "out/offkey.prom"\n')
    assert made.metrics.prometheus_file == tmp_path / "out" / "offkey.prom"
    assert read(tmp_path, LEAST).metrics.prometheus_file is None
    with pytest.raises(ConfigError, match=r"metrics\.prometheus_file"):
        read(tmp_path, LEAST + '[metrics]\nprometheus_file = "offkey.txt"\n')


PROJECT = """
[[ai_projects]]
name = "bot"
places = ["repos:bot"]
"""


def test_an_ai_project_has_places_and_own_patterns_or_those_of_convention(tmp_path: Path) -> None:
    (made,) = read(tmp_path, LEAST + PROJECT).ai_projects
    assert (made.name, made.places, made.patterns) == ("bot", ("repos:bot",), CONVENTIONS)
    (made,) = read(tmp_path, LEAST + PROJECT + 'logs = ["runs/*"]\n').ai_projects
    assert made.stated() == (Role.LOGS,)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (PROJECT + PROJECT, r"ai_projects\[2\]\.name"),
        (PROJECT + 'prompt = ["a"]\n', r"ai_projects\[1\]\.prompt"),
        ('[[ai_projects]]\nname = "bot"\n', r"ai_projects\[1\]\.places"),
        ('[ai_projects]\nname = "bot"\n', "ai_projects"),
    ],
)
def test_a_wrong_ai_project_is_refused_by_its_key(tmp_path: Path, text: str, where: str) -> None:
    with pytest.raises(ConfigError, match=where):
        read(tmp_path, LEAST + text)
