from __future__ import annotations

import pytest

from correlate.errors import ConfigError
from detectors.packs.families import read_pack

TOML = "[[rules]]\nid = 'a'\nregex = '(a)'\n"
YAML = "rules:\n- {name: a, id: a, pattern: (a)}\n"


@pytest.mark.parametrize(("text", "suffix"), [(TOML, ".toml"), (YAML, ".yml"), (YAML, ".yaml")])
def test_the_family_is_told_from_the_content(text: str, suffix: str) -> None:
    pack = read_pack(text, suffix, "ours", "ours" + suffix)
    assert pack is not None
    assert [kind.id for kind in pack.kinds] == ["pack_ours_a"]


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("issuer = 'a'\n" + TOML, ".toml"),
        ("[package]\nname = 'a'\n", ".toml"),
        ("rulesets: []\n", ".yml"),
        ("- a\n", ".yml"),
        ("", ".yml"),
        ("x: &a [b]\ny: [*a, *a]\n", ".yml"),
    ],
)
def test_another_file_is_no_pack(text: str, suffix: str) -> None:
    assert read_pack(text, suffix, "ours", "ours" + suffix) is None


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("[[", ".toml"),
        ("a = " + "[" * 100_000, ".toml"),
        ("a: [", ".yml"),
        ("!!python/object/apply:os.system ['true']", ".yml"),
        ("[" * 100_000 + "]" * 100_000, ".yml"),
        ("- " * 20_000 + "a", ".yml"),
        ("a: \x00", ".yml"),
        ("a: 2001-99-99", ".yml"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_configuration_error(text: str, suffix: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_pack(text, suffix, "ours", "a" + suffix)
    assert caught.value.where == "a" + suffix
    assert caught.value.fix
