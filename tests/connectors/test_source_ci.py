from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from connectors import source_github_ci, source_gitlab_ci
from connectors.ci_variables import Holder, Variable, documents
from correlate.errors import AuthError, SourceError, Unavailable
from correlate.model import Document, Identity, Locator, Medium, Skip, Truth
from correlate.ports import ScanUnit, Setup, Source
from correlate.secret import Secret
from sample_data.simulators.plan import Account, CiVariable, Forge, Member, Place, Plan
from sample_data.simulators.run import running
from sample_data.simulators.world import World
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.wire import Asked, Told, answering
from tests.twins.source import NothingKnown as Nothing

JANE = Account("71", "jane", "Jane")
JOE = Account("72", "joe", "Joe")
BOT = Account("73", "deploy-bot", "Bot", bot=True)


def _plan() -> Plan:
    many = tuple(CiVariable(f"V{n}", f"value{n}") for n in range(75))
    github = Forge(
        "acme",
        (CiVariable("ORG_TOKEN", "org-value"),),
        (
            Place(
                1, "shop",
                (*many, CiVariable("HIDDEN", readable=False, updated_at="2026-01-02T03:04:05Z")),
                (Member(JANE, "admin"), Member(JOE, "pull"), Member(BOT, "push")),
                (Place(2, "prod/eu", (CiVariable("DEPLOY", "deploy-value"),)),),
            ),
            Place(3, "empty"),
        ),
    )  # fmt: skip
    gitlab = Forge(
        "gitlab.acme.example",
        (CiVariable("INSTANCE_KEY", "instance-value"),),
        (
            Place(
                10, "team",
                (CiVariable("GROUP_KEY", "group-value"),),
                (Member(JANE, "50"),),
                (
                    Place(
                        11, "team/shop",
                        (
                            *many,
                            CiVariable("DEPLOY", "eu-value", scope="prod/*"),
                            CiVariable("DEPLOY", "any-value"),
                            CiVariable("HIDDEN", readable=False),
                        ),
                        (Member(JOE, "30"), Member(BOT, "40")),
                    ),
                ),
            ),
        ),
    )  # fmt: skip
    return Plan(LOGINS, github, gitlab)


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    world = World(_plan())
    with running(world) as at:
        yield Vendors(world, at)


def gitlab(vendors: Vendors, **changes: object) -> Source:
    given: dict[str, object] = {
        "token": Secret(LOGINS.gitlab), "base_url": vendors.at["gitlab"], "instance": True,
        "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0,
    }  # fmt: skip
    settings = source_gitlab_ci.Settings(**given | changes)  # type: ignore[arg-type]
    return source_gitlab_ci.connect(settings, Setup("gl", Path("/nonexistent")))


def github(vendors: Vendors, **changes: object) -> Source:
    given: dict[str, object] = {
        "token": Secret(LOGINS.github), "base_url": vendors.at["github"], "organisations": ("acme",),
        "internal_hosts": ("127.0.0.1",), "timeout_s": 5.0,
    }  # fmt: skip
    settings = source_github_ci.Settings(**given | changes)  # type: ignore[arg-type]
    return source_github_ci.connect(settings, Setup("gh", Path("/nonexistent")))


def everything(source: Source) -> tuple[dict[tuple[str, str], Document], list[Skip]]:
    found: dict[tuple[str, str], Document] = {}
    skips: list[Skip] = []
    for unit in source.units(Nothing()):
        for item in [unit] if isinstance(unit, Skip) else source.documents(unit):
            if isinstance(item, Document):
                found[item.locator.container, item.locator.item] = item
            else:
                skips.append(item)
    return found, skips


def test_gitlab_gives_every_readable_variable_with_who_can_read_it(vendors: Vendors) -> None:
    found, skips = everything(gitlab(vendors))
    assert len(found) == 75 + 2 + 1 + 1
    assert found["instance", "INSTANCE_KEY"].data == b"INSTANCE_KEY=instance-value"
    assert found["team", "GROUP_KEY"].data == b"GROUP_KEY=group-value"
    assert found["team/shop", "DEPLOY@prod/*"].data == b"DEPLOY=eu-value"
    one = found["team/shop", "DEPLOY"]
    assert (one.medium, one.data) == (Medium.CI_VARIABLE, b"DEPLOY=any-value")
    assert one.trace is not None
    assert one.trace.path == "variable DEPLOY"
    assert one.trace.at_tip is Truth.YES
    readers = {reader.identity for reader in one.trace.readers}
    assert readers == {
        Identity("gitlab", "jane"), Identity("gitlab-id", "71"),
        Identity("gitlab", "deploy-bot"), Identity("gitlab-id", "73"),
    }  # fmt: skip
    (skip,) = skips
    assert (skip.container, skip.item) == ("team/shop", "HIDDEN")
    assert "hidden" in skip.reason


def test_github_gives_variables_of_every_level_and_counts_secrets(vendors: Vendors) -> None:
    found, skips = everything(github(vendors))
    assert len(found) == 75 + 1 + 1
    assert found["acme", "ORG_TOKEN"].data == b"ORG_TOKEN=org-value"
    one = found["acme/shop", "DEPLOY@prod/eu"]
    assert one.data == b"DEPLOY=deploy-value"
    assert one.trace is not None
    assert {reader.identity for reader in one.trace.readers} == {
        Identity("github", "jane"),
        Identity("github-id", "71"),
    }
    (skip,) = skips
    assert skip.item == "HIDDEN"
    assert "2026-01-02T03:04:05Z" in skip.reason


def test_only_what_is_named_is_read(vendors: Vendors) -> None:
    found, _ = everything(github(vendors, organisations=(), repositories=("acme/shop",)))
    assert {container for container, _ in found} == {"acme/shop"}
    found, _ = everything(gitlab(vendors, instance=False, projects=("team/shop",)))
    assert {container for container, _ in found} == {"team/shop"}
    found, _ = everything(gitlab(vendors, instance=False))
    assert {container for container, _ in found} == {"team/shop", "team"}


@pytest.mark.parametrize("make", [gitlab, github])
def test_a_place_can_be_read_again(make: Callable[[Vendors], Source], vendors: Vendors) -> None:
    source = make(vendors)
    found, _ = everything(source)
    for one in list(found.values())[-3:]:
        assert source.reread(one.locator) == one
        assert list(source.trace([one.locator])) == [one.trace]
        gone = Locator(one.locator.source, one.locator.container, "GONE")
        assert isinstance(source.reread(gone), Skip)
    assert isinstance(source.reread(Locator(source.name, "no/such", "X")), Skip)
    assert list(source.trace([Locator(source.name, "no/such", "X")])) == []


@pytest.mark.parametrize("make", [gitlab, github])
def test_a_container_that_is_gone_is_a_skip(
    make: Callable[[Vendors], Source], vendors: Vendors
) -> None:
    source = make(vendors)
    unit = ScanUnit(source.name, "no/such", 0, json.dumps({"kind": "project"}))
    (skip,) = source.documents(unit)
    assert isinstance(skip, Skip)
    assert "404" in skip.reason


@pytest.mark.parametrize("make", [gitlab, github])
def test_a_refused_login_is_never_an_empty_result(
    make: Callable[..., Source], vendors: Vendors
) -> None:
    wrong = make(vendors, token=Secret("gl" + "pat-wrong"))
    with pytest.raises(AuthError) as caught:
        list(wrong.units(Nothing()))
    assert "pat-wrong" not in str(caught.value)


@pytest.mark.parametrize(("make", "vendor"), [(gitlab, "gitlab"), (github, "github")])
@pytest.mark.parametrize("kind", ["drop", "html", "truncate", "short_body", "status"])
def test_a_page_that_fails_is_an_error_not_the_end(
    make: Callable[[Vendors], Source], vendor: str, kind: str, vendors: Vendors
) -> None:
    source = make(vendors)
    units = [unit for unit in source.units(Nothing()) if isinstance(unit, ScanUnit)]
    vendors.world.fault(vendor, kind, path="/variables", times=0, skip=1)
    with pytest.raises((SourceError, Unavailable)):
        _ = [list(source.documents(unit)) for unit in units]


def _forged(answer: Callable[[Asked], Told]) -> AbstractContextManager[str]:
    return answering(answer)


def _rows(count: int) -> bytes:
    return json.dumps([{"key": f"K{n}", "value": "v"} for n in range(count)]).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {"Link": '<https://evil.example/api?page=2>; rel="next"'},
        {"X-Total": "5"},
        {"X-Next-Page": "1"},
    ],
)
def test_a_list_that_leads_elsewhere_or_falls_short_is_an_error(headers: dict[str, str]) -> None:
    with _forged(lambda _: Told(body=_rows(2), headers=headers)) as base:
        settings = source_gitlab_ci.Settings(
            Secret("x"), base, instance=True, internal_hosts=("127.0.0.1",)
        )
        source = source_gitlab_ci.connect(settings, Setup("gl", Path("/nonexistent")))
        unit = ScanUnit("gl", "instance", 0, json.dumps({"kind": "instance"}))
        with pytest.raises(SourceError):
            list(source.documents(unit))


def test_a_path_in_a_name_stays_a_name(vendors: Vendors) -> None:
    source = gitlab(vendors)
    for container in ("..", "../../admin", "team/../x"):
        unit = ScanUnit("gl", container, 0, json.dumps({"kind": "project"}))
        assert all(isinstance(item, Skip) for item in source.documents(unit))


def test_both_halves_of_a_pair_stand_together() -> None:
    held = [
        Variable("AWS_ACCESS_KEY_ID", "id-value"),
        Variable("AWS_SECRET_ACCESS_KEY", "secret-value"),
        Variable("AWS_SECRET_ACCESS_KEY", "other", "prod"),
        Variable("DB_PASSWORD", "x"),
        Variable("PEM", "line one\nline two"),
    ]
    texts = [d.data for d in documents(Holder("s", "c"), held) if isinstance(d, Document)]
    assert texts[0] == b"AWS_ACCESS_KEY_ID=id-value\nAWS_SECRET_ACCESS_KEY=secret-value"
    assert texts[1:] == [
        b"AWS_SECRET_ACCESS_KEY=secret-value",
        b"AWS_SECRET_ACCESS_KEY=other",
        b"DB_PASSWORD=x",
        b"line one\nline two",
    ]
    assert "secret-value" not in repr(held)
