"""What a personnel feed of CSV files is held to, wherever they lie."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import ClassVar

from tests.connectors.people_contract import PeopleContract, Person, staff

HEADER = "employee_id,first_name,last_name,email,previous_emails,github_login,status,worker_type,manager_id,hire_date,last_working_day,termination_date,time_zone"  # fmt: skip


def written(people: Sequence[Person]) -> bytes:
    """The table as the file that the connector reads without further settings."""
    out = io.StringIO(newline="")
    rows = csv.writer(out)
    rows.writerow(HEADER.split(","))
    for one in people:
        words = {"active": "Active", "left": "Terminated"}
        rows.writerow([
            one.id, one.first, one.last, one.mail, "", "", words.get(one.status, one.status),
            "employee", one.manager, one.start, one.last_day, one.end, "UTC",
        ])  # fmt: skip
    return out.getvalue().encode()


class CsvPeopleContract(PeopleContract):
    """What a file is held to, wherever it lies."""

    inexpressible: ClassVar[Mapping[str, str]] = {"ids as numbers": "a file has texts only"}

    def named_twice(self, data: bytes) -> bytes:
        return data.replace(b"previous_emails", b"email", 1)

    def lengthened(self, data: bytes) -> bytes:
        head, *rows = data.splitlines()
        return b"\r\n".join([head, *(row + b",surplus" for row in rows), b""])

    def test_a_file_that_ends_with_a_row_but_too_early_fell(self) -> None:
        last = self.read(staff())
        half = lambda data: b"\r\n".join([*data.splitlines()[:13], b""])  # noqa: E731
        assert "fell from" in self.refusal(staff(), half, last=last)

    def test_a_file_whose_last_line_has_no_end_is_taken_on_word(self) -> None:
        def cut(data: bytes) -> bytes:
            return data.rstrip()

        assert "may be cut" in self.refusal(staff(), cut)
        assert len(self.read(staff(), cut, last_line_open=True).workers) == 24
