"""Nothing that stands in a repository becomes markup, a mention or a script in a ticket."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.adf import document, wiki
from correlate import case as moves
from correlate.draft import draft as draft_of
from correlate.kind import Kind
from correlate.linking import link
from correlate.model import KindId, Locator, PersonId
from correlate.ticket import Bullets, Draft, Facts, Paragraph
from correlate.verdict import CaseKind, Decision, Departure, Ground
from tests.connectors.conftest import Vendors
from tests.connectors.test_tickets_jira import sink as jira
from tests.connectors.test_tickets_servicenow import sink as servicenow
from tests.correlate.cast import FP, NOW, answer, author, exposure, snapshot, worker

PAYLOADS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
    "[code]<b onclick=x>y</b>[/code]", "[CODE]<i>x</i>[/Code]", "[[code]code]<u>", "[\u200bcode]<b>x</b>[/code]",
    "[~admin]", "@admin", "!http://evil.example/x.png!", "!x.png|onload=alert(1)!", "{html}<b>x</b>{html}",
    "{code}x{code}", "{color:red}x{color}", "{{evil}}", "{% include 'x' %}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "[text|http://evil.example]", "http://evil.example/?q=1", "h1. Big", "* star", "# one", "||head||", "bq. x",
    '=HYPERLINK("http://evil.example")', "+1+cmd|' /C calc'!A0", "@SUM(1)", "\\\\ \\{x}", "&#123;code&#125;",
    '{"type":"mention","attrs":{"id":"1"}}', "a\nh2. b", "a\r\n[code]b", "x^active=true", "\x1b[31mred", "\u202eevil",
)  # fmt: skip
NODES = {"doc", "paragraph", "heading", "bulletList", "listItem", "text"}
# what stays when escapes and entities are gone is shown as it is, but for these
LOOSE = re.compile(r"[{}\[\]()?^~|!]|://|(?<![A-Za-z0-9])[*_+-]|[*_+-](?![A-Za-z0-9])")
KIND = Kind(KindId("kind"), "issuer", "Some token", "x", ("x",), "source", "x")


def poisoned(text: str) -> Draft:
    """Return what a ticket says of a case whose path, author, branch, scope and name are all `text`."""
    place = exposure(author(text, "2025-02-01"), path=text)
    place = replace(place, locator=Locator(text, text, "00", part=text))
    left = Departure(PersonId("1"), "s", NOW, text)
    decision = Decision(
        CaseKind.F1, FP, KIND.id, PersonId("1"), left, (Ground(text, text, 0.9),)
    )  # fmt: skip
    said = replace(answer(), scopes=(text,), reason=text)
    person = link([snapshot(worker("1", "jane@x.example"))]).persons[PersonId("1")]
    held = moves.open_case(decision, said, NOW)
    return draft_of(held, KIND, [place], said, replace(person, name=text))


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    yield tree
    for child in tree.get("content", ()):
        yield from nodes(child)


def inert_tree(tree: Any) -> None:
    for node in nodes(tree):
        assert node["type"] in NODES
        assert node.get("attrs", {"level": 3}) == {"level": 3}
        assert node.get("marks", [{"type": "strong"}]) == [{"type": "strong"}]
        assert set(node) <= {"type", "version", "attrs", "content", "text", "marks"}


def inert_wiki(text: str) -> None:
    for line in text.split("\n"):
        body = re.sub(r"^(h3\. |\* )", "", line)
        bare = re.sub(r"\\[^\\]|&(#\d+|amp);", "x", body)
        assert not LOOSE.search(bare), line
        assert not re.match(r"(h[1-6]|bq)\.|#", bare)


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_payload_is_text_in_every_ticket_system(vendors: Vendors, text: str) -> None:
    made = poisoned(text)
    for deployment, check in (("cloud", inert_tree), ("datacenter", inert_wiki)):
        one = jira(vendors, deployment)
        ref = one.open(made)
        one.close(ref, made, text or "x")
        site = vendors.world.jira if deployment == "cloud" else vendors.world.jira_dc
        check(site.all[0].fields["description"])
        check(site.all[0].comments[0].body)
        assert site.all[0].fields["labels"] == ["offkey", "offkey" + made.key]
    desk = servicenow(vendors)
    desk.close(desk.open(made), made, text)
    held = vendors.world.servicenow
    for said in (*held.all[0].values(), *(entry.value for entry in held.journal)):
        assert not re.search(r"\[/?code\b", said, re.IGNORECASE)
        assert said.replace("\n", "").isprintable()
    assert held.all[0]["correlation_id"] == "offkey" + made.key


@given(st.text(st.sampled_from("{}[]()!|^~?*_-+#&\\/:.h1bq a0\n\r\t<>@$%=\"'"), max_size=60))
def test_no_text_whatever_is_markup(text: str) -> None:
    blocks = (Paragraph(text), Facts(text, ((text, text),)), Bullets(text, (text,)))
    inert_wiki(wiki(blocks))
    tree = document(blocks)
    inert_tree(tree)
    assert json.loads(json.dumps(tree)) == tree
