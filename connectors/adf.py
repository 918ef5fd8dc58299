"""A draft's blocks as Jira wants them: a document tree (Cloud) or wiki text (Data Center).

Nothing in a block is markup. In the tree it stands in text nodes, which Jira never reads
as anything else (https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/);
in wiki text every character that could start markup is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from correlate.ticket import Block, Facts, Paragraph

LIMIT = 32_000  # Jira's own is 32,767 characters for the text of a field
_LINE_MAX = 4_000
_CUT = "(shortened)"
# between two letters or digits, as in a date or a file's name, these four mark nothing up
_MARKUP = re.compile(r"([{}\[\]()?^~|!]|(?<![A-Za-z0-9])[*_\-+]|[*_\-+](?![A-Za-z0-9]))")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
Node = dict[str, object]


def clean(text: str) -> str:
    """Return `text` on one line, without control characters and those that reorder text, cut to a length."""
    return _CONTROL.sub(
        "", text[:_LINE_MAX].replace("\r", " ").replace("\n", " ").replace("\t", " ")
    )


def lines(blocks: Iterable[Block], limit: int = LIMIT, last: str = "") -> list[str]:
    """Return the blocks as plain lines, for systems that take plain text, within `limit`. For `last`, a
    line that follows, there is always room.
    """
    found: list[str] = []
    for block in blocks:
        if found:
            found.append("")
        found += _lines(block)
    kept = _within(found, limit - len(last))
    return [*kept, "", clean(last)] if last else kept


def _lines(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [clean(block.text)]
    if isinstance(block, Facts):
        return [clean(block.heading), *(f"- {clean(k)}: {clean(v)}" for k, v in block.rows)]
    return [clean(block.heading), *(f"- {clean(item)}" for item in block.items)]


def wiki(blocks: Iterable[Block], last: str = "") -> str:
    """Return the blocks, and a line for which there is always room, as Jira wiki text in which only our
    own headings and lists are markup.
    """
    found: list[str] = []
    for block in blocks:
        if found:
            found.append("")
        found += _wiki(block)
    return "\n".join([*_within(found), *(["", escaped(last)] if last else [])])


def _wiki(block: Block) -> list[str]:
    if isinstance(block, Paragraph):
        return [escaped(block.text)]
    if isinstance(block, Facts):
        rows = [f"* {escaped(k)}: {escaped(v)}" for k, v in block.rows]
        return [f"h3. {escaped(block.heading)}", *rows]
    return [f"h3. {escaped(block.heading)}", *(f"* {escaped(item)}" for item in block.items)]


def escaped(text: str) -> str:
    """Return `text` so that Jira's wiki renderer shows it as it is.

    https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all: a backslash
    escapes markup, but two of them break the line; "h1.", "bq." and "#" are markup at a
    line's start only; a bare URL turns into a link, which a colon as an entity prevents.
    """
    text = clean(text).strip().replace("&", "&amp;").replace("\\", "&#92;")
    text = re.sub(r"^(h[1-6]|bq)\.", r"\1&#46;", text)
    text = re.sub(r"^#", "&#35;", text)
    text = text.replace("://", "&#58;//").replace("mailto:", "mailto&#58;")
    return _MARKUP.sub(r"\\\1", text)


def _within(found: Sequence[str], limit: int = LIMIT) -> list[str]:
    kept: list[str] = []
    size = 0
    for line in found:
        size += len(line) + 1
        if size > limit:
            return [*kept, _CUT]
        kept.append(line)
    return kept


def document(blocks: Iterable[Block], last: str = "") -> Node:
    """Return the blocks, and a line for which there is always room, as an Atlassian document."""
    ending = [_paragraph(last)] if last else []
    nodes: list[Node] = []
    size = 0
    for block in blocks:
        for node, length in _nodes(block):
            size += length
            if size > LIMIT:
                return _root([*nodes, _paragraph(_CUT), *ending])
            nodes.append(node)
    return _root([*nodes, *ending] or [_paragraph("-")])


def _root(nodes: Sequence[Node]) -> Node:
    return {"type": "doc", "version": 1, "content": list(nodes)}


def _nodes(block: Block) -> list[tuple[Node, int]]:
    """Return a block's nodes, each with the number of its characters."""
    if isinstance(block, Paragraph):
        return [(_paragraph(block.text), len(block.text))]
    heading: Node = {
        "type": "heading",
        "attrs": {"level": 3},
        "content": [_text(clean(block.heading))],
    }
    if isinstance(block, Facts):
        items = [[_text(f"{clean(k)}: ", strong=True), _text(clean(v))] for k, v in block.rows]
    else:
        items = [[_text(clean(item))] for item in block.items]
    found = [(heading, len(block.heading))]
    kept, size = _fitting(items)
    if kept:
        found.append(({"type": "bulletList", "content": kept}, size))
    return found


def _fitting(items: Sequence[Sequence[Node]]) -> tuple[list[Node], int]:
    """Return as many list items as half the limit takes: one list never crowds out all else."""
    kept: list[Node] = []
    size = 0
    for texts in items:
        size += sum(len(str(text["text"])) for text in texts)
        if size > LIMIT // 2:
            return [*kept, _item([_text(_CUT)])], size
        kept.append(_item(texts))
    return kept, size


def _item(texts: Sequence[Node]) -> Node:
    return {"type": "listItem", "content": [{"type": "paragraph", "content": list(texts)}]}


def _paragraph(text: str) -> Node:
    return {"type": "paragraph", "content": [_text(clean(text))]}


def _text(text: str, *, strong: bool = False) -> Node:
    node: Node = {"type": "text", "text": text or "-"}  # an empty text node is refused
    return {**node, "marks": [{"type": "strong"}]} if strong else node
