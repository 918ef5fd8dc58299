"""The page is made of the pack's records, and says their hashes."""

from __future__ import annotations

import hashlib
from html.parser import HTMLParser
from pathlib import Path


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.add(tag)


def test_the_page_names_the_hash_of_each_file_it_is_made_of(held: tuple[Path, str]) -> None:
    folder, key = held
    said = (folder / "index.html").read_text()
    for path in folder.glob("*.jsonl"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() in said
    assert key in said
    assert "Person 1" in said
    assert "whoever holds it can use it" in said


def test_the_page_has_no_script_and_asks_nobody(held: tuple[Path, str]) -> None:
    tags = _Tags()
    tags.feed((held[0] / "index.html").read_text())
    assert tags.seen.isdisjoint({"script", "img", "link", "iframe", "object", "form"})
