from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.adf import LIMIT, clean, document, escaped, lines, wiki
from correlate.ticket import Block, Bullets, Facts, Paragraph

BLOCKS: tuple[Block, ...] = (
    Paragraph("one\ntwo"),
    Facts("Head", (("key", "value"), ("empty", ""))),
    Bullets("List", ("a", "b")),
)


def test_plain_lines() -> None:
    assert lines(BLOCKS) == [
        "one two", "", "Head", "- key: value", "- empty: ", "", "List", "- a", "- b",
    ]  # fmt: skip


def test_wiki_text() -> None:
    assert wiki(BLOCKS) == ("one two\n\nh3. Head\n* key: value\n* empty: \n\nh3. List\n* a\n* b")


def test_a_document_is_a_tree_of_text_nodes() -> None:
    tree = document(BLOCKS)
    assert (tree["type"], tree["version"]) == ("doc", 1)
    kinds = [node["type"] for node in tree["content"]]  # type: ignore[attr-defined]
    assert kinds == ["paragraph", "heading", "bulletList", "heading", "bulletList"]
    assert '"text": ""' not in json.dumps(tree)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{code}", r"\{code\}"),
        ("[~admin]", r"\[\~admin\]"),
        ("!http://x/y.png!", r"\!http&#58;//x/y.png\!"),
        ("h1. Big", "h1&#46; Big"),
        ("bq. Quote", "bq&#46; Quote"),
        ("# one", "&#35; one"),
        ("* star", r"\* star"),
        ("a\\\\b", "a&#92;&#92;b"),
        ("&#91;x&#93;", "&amp;#91;x&amp;#93;"),
        ("|cell|", r"\|cell\|"),
        ("----", r"\-\-\-\-"),
        ("(y) (!)", r"\(y\) \(\!\)"),
        ("2026-03-01 a_b.py -struck- _it_", r"2026-03-01 a_b.py \-struck\- \_it\_"),
        ("mailto:a@b", "mailto&#58;a@b"),
    ],
)
def test_no_text_is_markup(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_text_that_reorders_or_hides_is_cleaned() -> None:
    assert clean("a\u202eb\u200bc\x00d\te") == "abcd e"
    assert len(clean("x" * 1_000_000)) == 4_000


@given(st.lists(st.text(max_size=6_000), max_size=30))
def test_no_length_is_too_long(texts: list[str]) -> None:
    blocks: list[Block] = [Bullets("h", tuple(texts)), *(Paragraph(text) for text in texts)]
    assert len(wiki(blocks)) < LIMIT * 1.02
    assert sum(len(line) + 1 for line in lines(blocks, 500)) < 550
    tree = json.dumps(document(blocks), ensure_ascii=False)
    assert json.loads(tree)["type"] == "doc"


def test_one_long_list_does_not_crowd_out_the_rest() -> None:
    tree = json.dumps(document([Bullets("h", ("x" * 900,) * 100), Paragraph("the end")]))
    assert "the end" in tree
    assert "(shortened)" in tree
