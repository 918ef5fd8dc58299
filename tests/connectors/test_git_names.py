"""A repository's name is short, stays when others come, and is never two repositories'."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.git_names import name_of, named
from correlate.errors import ConfigError

ROOT = Path("/srv/git")


@pytest.mark.parametrize(
    ("spec", "root", "name"),
    [
        ("/srv/git/shop/orders.git", None, "orders"),
        ("/srv/git/shop/orders.git", ROOT, "shop/orders"),
        ("/srv/git/shop/orders/", ROOT, "shop/orders"),
        ("/elsewhere/orders", ROOT, "orders"),
        ("https://git.example/shop/orders.git", None, "git.example/shop/orders"),
        ("https://someone@git.example:8443/shop/orders", None, "git.example/shop/orders"),
        ("ssh://git@git.example/shop/orders.git", None, "git.example/shop/orders"),
        ("git@git.example:shop/orders.git", None, "git.example/shop/orders"),
    ],
)
def test_names(spec: str, root: Path | None, name: str) -> None:
    assert name_of(spec, root) == name


def test_the_working_folder_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "orders").mkdir()
    monkeypatch.chdir(tmp_path / "orders")
    assert name_of(".") == "orders"


def test_two_of_one_name_are_refused_and_told_apart_by_a_root() -> None:
    specs = ["/srv/git/a/orders.git", "/srv/git/b/orders.git"]
    with pytest.raises(ConfigError, match="`root`"):
        named(specs)
    assert list(named(specs, ROOT)) == ["a/orders", "b/orders"]
