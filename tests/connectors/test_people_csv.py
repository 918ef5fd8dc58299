from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.people_csv import Settings, connect
from correlate.errors import FeedRefused
from correlate.ports import PeopleFeed, Setup
from tests.connectors.people_contract import NOW, Bytes, Person, staff, unchanged
from tests.connectors.people_files import CsvPeopleContract, written


class TestCsv(CsvPeopleContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "people.csv"

    @contextmanager
    def publish(
        self, people: Sequence[Person], tamper: Bytes = unchanged, **settings: Any
    ) -> Iterator[PeopleFeed]:
        self.path.write_bytes(tamper(written(people)))
        os.utime(self.path, (NOW.timestamp() - 60,) * 2)
        yield connect(replace(Settings(self.path), **settings), Setup("hr", self.path.parent))

    @contextmanager
    def stale(self, people: Sequence[Person]) -> Iterator[PeopleFeed]:
        with self.publish(people) as feed:
            os.utime(self.path, (NOW.timestamp() - 2 * 86_400,) * 2)
            yield feed

    def test_a_missing_large_or_unfinished_file_is_refused(self) -> None:
        assert "more than 10 bytes" in self.refusal(staff(), max_bytes=10)
        assert "done marker" in self.refusal(staff(), done_marker=".done")
        self.path.with_name("people.csv.done").touch()
        assert self.read(staff(), done_marker=".done").complete
        with self.publish(staff()) as feed:
            self.path.unlink()
            with pytest.raises(FeedRefused, match="cannot be read"):
                feed.snapshot(NOW, None)

    def test_any_age_may_be_allowed(self) -> None:
        with self.publish(staff(), max_age_hours=0.0) as feed:
            assert feed.snapshot(NOW + timedelta(days=900), None).complete
