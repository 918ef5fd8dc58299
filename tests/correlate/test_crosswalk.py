"""Ids of controls, against catalogues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.crosswalk import Catalogue, Cited, Crosswalk, Fault, Known, Titles

NEW = Catalogue(
    "csf", "2.0", "CSF 2.0", "1.2.0", "https://x.example", complete=True, titles=Titles.STATEMENT,
    controls={"PR.AA-05": "permissions", "PR.DS-01": "at rest", "GV.RR-01": "led"},
    withdrawn={"PR.AC-04": ("PR.AA-05",), "PR.IP": ()}, exact=True,
)  # fmt: skip
OLD = Catalogue(
    "csf", "1.1", "CSF 1.1", "1.1", "https://x.example", complete=True, titles=Titles.NONE,
    controls={"PR.AC-4": "", "PR.DS-1": "", "PR.IP": ""}, exact=True, superseded_by="2.0",
)  # fmt: skip
TEN = Catalogue(
    "nhi", "2025", "NHI 2025", "2025", "https://x.example", complete=True, titles=Titles.OFFICIAL,
    controls={"NHI1:2025": "Improper Offboarding", "NHI3:2025": "Third-Party", "NHI7:2025": "Long-Lived"},
    exact=True,
)  # fmt: skip
SP = Catalogue(
    "sp", "5", "SP r5", "5.1.1", "https://x.example", complete=False, titles=Titles.OFFICIAL,
    controls={"AC-2(3)": "Disable Accounts", "AC-2": "Account Management"},
    withdrawn={"AC-2(10)": ("AC-2",)},
)  # fmt: skip
ISO = Catalogue(
    "iso", "2022", "ISO", "2022", "https://x.example", complete=False, titles=Titles.OFFICIAL,
    controls={"A.5.18": "Access rights"}, prefix="A.",
)  # fmt: skip
KNOWN = (
    Known(Cited("csf", "1.1", "PR.AC-4"), ("PR.AA-05",), "moved"),
    Known(Cited("nhi", "2025", "NHI-03", "lifecycle"), ("NHI1:2025", "NHI7:2025"), "mislabelled"),
)
WALK = Crosswalk((NEW, OLD, TEN, SP, ISO), KNOWN)


@pytest.mark.parametrize(
    ("cited", "fault", "instead"),
    [
        (Cited("csf", "2.0", "PR.AC-4"), Fault.OTHER_EDITION, ("PR.AA-05",)),
        (Cited("csf", "2.0", "PR.DS-1"), Fault.OTHER_EDITION, ("PR.DS-01",)),
        (Cited("csf", "1.1", "PR.DS-01"), Fault.OTHER_EDITION, ("PR.DS-01",)),
        (Cited("csf", "2.0", "PR.AC-04"), Fault.MOVED, ("PR.AA-05",)),
        (Cited("csf", "2.0", "PR.IP"), Fault.WITHDRAWN, ()),
        (Cited("csf", "2.0", "GV.RR-1"), Fault.MISSPELT, ("GV.RR-01",)),
        (Cited("csf", "2.0", "PR.AA-99"), Fault.UNKNOWN_ID, ()),
        (Cited("csf", "3.0", "PR.AA-05"), Fault.UNKNOWN_EDITION, ()),
        (Cited("other", "1", "X"), Fault.UNKNOWN_FRAMEWORK, ()),
        (Cited("nhi", "2025", "NHI-03", "lifecycle and rotation"), Fault.MISTITLED, ("NHI1:2025", "NHI7:2025")),
        (Cited("nhi", "2025", "NHI1:2025", "Long-lived"), Fault.MISTITLED, ("NHI7:2025",)),
        (Cited("nhi", "2025", "NHI1"), Fault.MISSPELT, ("NHI1:2025",)),
        (Cited("sp", "5", "ac-2.10"), Fault.MOVED, ("AC-2",)),
        (Cited("sp", "5", "ZZ-1"), Fault.UNLISTED, ()),
        (Cited("sp", "5", "AC-2(3)", "Account Management"), Fault.MISTITLED, ("AC-2",)),
    ],
)  # fmt: skip
def test_each_fault_is_found_and_says_what_to_cite(
    cited: Cited, fault: Fault, instead: tuple[str, ...]
) -> None:
    (found,) = WALK.lint([cited])
    assert (found.cited, found.fault, found.instead) == (cited, fault, instead)
    assert found.why


@pytest.mark.parametrize(
    "cited",
    [
        Cited("csf", "2.0", "PR.AA-05", "any words: a subcategory has no title"),
        Cited("csf", "1.1", "PR.AC-4"),
        Cited("nhi", "2025", "NHI1:2025", "improper offboarding"),
        Cited("sp", "5", "ac-2.3", "Account Management | Disable Accounts"),
        Cited("sp", "5", "AC-02(03)"),
        Cited("iso", "2022", "5.18", "Access Rights"),
        Cited("iso", "2022", "A.5.18"),
    ],
)
def test_what_is_right_in_another_spelling_is_right(cited: Cited) -> None:
    assert WALK.lint([cited]) == []


def test_a_report_prints_what_an_id_is_cited_as() -> None:
    assert WALK.told("csf", "2.0", "PR.AA-05") == "PR.AA-05 (cited as PR.AC-4, CSF 1.1)"
    assert WALK.told("csf", "2.0", "GV.RR-01") == "GV.RR-01"
    assert WALK.canonical(Cited("csf", "1.1", "PR.AC-4")) == ("PR.AA-05",)
    assert WALK.canonical(Cited("sp", "5", "nothing")) == ()
    assert WALK.canonical(Cited("none", "5", "AC-2")) == ()


RIGHT = [
    Cited(item.framework, item.edition, name, title)
    for item in WALK.catalogues.values()
    for name, title in item.controls.items()
]
WRONG = [Cited("csf", "2.0", name) for name in ("PR.AC-4", "PR.AC-04", "PR.IP", "XX.YY-01")]


@given(st.lists(st.sampled_from(RIGHT + WRONG)))
def test_exactly_the_planted_errors_are_found_in_their_order(mixed: list[Cited]) -> None:
    assert [row.cited for row in WALK.lint(mixed)] == [one for one in mixed if one in WRONG]


@given(st.text(), st.text(), st.text())
def test_no_text_is_too_odd(framework: str, name: str, title: str) -> None:
    for one in (*WALK.catalogues, (framework, "1")):
        WALK.lint([Cited(*one, name, title)])
