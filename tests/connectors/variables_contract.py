"""CI variables of a made-up company, and what every source of them must do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from correlate.errors import AuthError, SourceError, Unavailable
from correlate.model import Document, Locator, Skip
from correlate.ports import ScanUnit, Source
from correlate.secret import Secret
from sample_data.simulators.plan import Account, CiVariable, Forge, Member, Place, Plan
from sample_data.simulators.run import running
from sample_data.simulators.world import World
from tests.connectors.conftest import LOGINS, Vendors
from tests.connectors.source_contract import SourceContract
from tests.twins.source import NothingKnown

JANE = Account("71", "jane", "Jane")
JOE = Account("72", "joe", "Joe")
BOT = Account("73", "deploy-bot", "Bot", bot=True)


def plan() -> Plan:
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


Make = Callable[..., Source]


def everything(source: Source) -> tuple[dict[tuple[str, str], Document], list[Skip]]:
    found: dict[tuple[str, str], Document] = {}
    skips: list[Skip] = []
    for unit in source.units(NothingKnown()):
        for item in [unit] if isinstance(unit, Skip) else source.documents(unit):
            if isinstance(item, Document):
                found[item.locator.container, item.locator.item] = item
            elif isinstance(item, Skip):
                skips.append(item)
    return found, skips


class VariablesContract(SourceContract):
    """Subclasses give `make`, which takes the vendors and settings, and `vendor`, its name."""

    @pytest.fixture
    def vendors(self) -> Iterator[Vendors]:
        world = World(plan())
        with running(world) as at:
            yield Vendors(world, at)

    @pytest.fixture
    def source(self, make: Make, vendors: Vendors) -> Source:
        return make(vendors)

    def test_a_container_that_is_gone_is_a_skip(self, source: Source) -> None:
        unit = ScanUnit(source.name, "no/such", 0, json.dumps({"kind": "project"}))
        (skip,) = source.documents(unit)
        assert isinstance(skip, Skip)
        assert "404" in skip.reason
        nowhere = Locator(source.name, "no/such", "X")
        assert isinstance(source.reread(nowhere), Skip)
        assert list(source.trace([nowhere])) == []

    def test_a_refused_login_is_never_an_empty_result(self, make: Make, vendors: Vendors) -> None:
        wrong = make(vendors, token=Secret("gl" + "pat-wrong"))
        with pytest.raises(AuthError) as caught:
            list(wrong.units(NothingKnown()))
        assert "pat-wrong" not in str(caught.value)

    @pytest.mark.parametrize("kind", ["drop", "html", "truncate", "short_body", "status"])
    def test_a_page_that_fails_is_an_error_not_the_end(
        self, source: Source, vendor: str, kind: str, vendors: Vendors
    ) -> None:
        units = [unit for unit in source.units(NothingKnown()) if isinstance(unit, ScanUnit)]
        vendors.world.fault(vendor, kind, path="/variables", times=0, skip=1)
        with pytest.raises((SourceError, Unavailable)):
            _ = [list(source.documents(unit)) for unit in units]

    def test_a_path_in_a_name_stays_a_name(self, source: Source) -> None:
        for container in ("..", "../../admin", "team/../x", "a/.."):
            unit = ScanUnit(source.name, container, 0, json.dumps({"kind": "project"}))
            assert all(isinstance(item, Skip) for item in source.documents(unit))
