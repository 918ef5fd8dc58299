"""What every ticket system must do, the in-memory twin included."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from correlate.errors import OffkeyError, Refused
from correlate.model import CaseKey
from correlate.ports import TicketSink
from correlate.ticket import Bullets, Draft, Facts, Paragraph, TicketRef
from correlate.tree_head import TreeHead, heads_in

KEY = CaseKey("0a1b2c3d4e5f60718293a4b5")
OTHER = CaseKey("ffffffffffffffffffffffff")
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def draft(key: CaseKey = KEY, title: str = "A live token of a leaver") -> Draft:
    return Draft(
        key,
        title,
        (
            Paragraph("It is live. [link|http://evil.example] {code} @admin ^ <script>"),
            Facts("Credential", (("Kind", "GitHub token"), ("Fingerprint", "0a1b2c3d"))),
            Bullets("Where it stands", tuple(f"repo/file{n}.py:{n}" for n in range(5))),
        ),
        (Facts("Person", (("Name", "Jane Leaver"),)),),
    )


def witnesses(desk: Desk, ref: TicketRef) -> set[int]:
    """Return the sizes of the heads that stand in a ticket."""
    desk.settle()
    return {head.size for at, text in desk.sink.texts() if at == ref for head in heads_in(text)}


@dataclass
class Desk:
    """A sink and what a test may do or see behind its back."""

    sink: TicketSink
    resolve_as_person: Callable[[TicketRef, str], None]
    resolution: str  # one that people use there
    comments: Callable[[TicketRef], int]
    creates: Callable[[], int]
    links: Callable[[TicketRef], set[str]]  # the ids of the tickets that it is linked to
    settle: Callable[[], None] = lambda: None
    reopens: bool = True


class TicketContract:
    """Subclasses give the fixture `desk`."""

    def test_an_opened_ticket_is_found_by_its_key_and_by_no_other(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        desk.settle()
        (found,) = desk.sink.find(KEY)
        assert (found.ref, found.open, found.resolved_by_us) == (ref, True, False)
        assert ref.sink == desk.sink.name
        assert desk.sink.find(OTHER) == []
        assert desk.sink.read(ref) == found
        assert desk.creates() == 1

    def test_an_empty_key_finds_nothing(self, desk: Desk) -> None:
        desk.sink.open(draft())
        desk.settle()
        try:
            assert list(desk.sink.find(CaseKey(""))) == []
        except Refused:
            return

    def test_two_tickets_of_one_key_come_oldest_first(self, desk: Desk) -> None:
        first, second = desk.sink.open(draft()), desk.sink.open(draft())
        desk.settle()
        assert [status.ref for status in desk.sink.find(KEY)] == [first, second]

    def test_an_update_may_be_repeated(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        for _ in range(2):
            desk.sink.update(ref, draft(title="Another title"))
        desk.settle()
        assert [status.ref for status in desk.sink.find(KEY)] == [ref]

    def test_closing_is_ours_and_may_be_repeated(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        for _ in range(2):
            desk.sink.close(ref, draft(), "The issuer rejected it twice.\n2026-03-01 401")
        status = desk.sink.read(ref)
        assert (status.open, status.resolved_by_us) == (False, True)
        assert status.resolution
        assert desk.comments(ref) == 1

    def test_what_a_person_resolved_is_theirs_and_stays(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        desk.resolve_as_person(ref, desk.resolution)
        status = desk.sink.read(ref)
        assert (status.open, status.resolved_by_us) == (False, False)
        assert status.resolution == desk.resolution
        desk.sink.close(ref, draft(), "proof")
        assert desk.sink.read(ref) == status

    def test_a_ticket_can_be_opened_again_and_closed_again(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        desk.sink.close(ref, draft(), "proof one")
        if not desk.reopens:
            with pytest.raises(Refused):
                desk.sink.reopen(ref, draft(), "The issuer accepts it again.")
            return
        for _ in range(2):
            desk.sink.reopen(ref, draft(), "The issuer accepts it again.")
        assert desk.sink.read(ref).open
        assert desk.comments(ref) == 2
        desk.sink.close(ref, draft(), "proof two")
        assert not desk.sink.read(ref).open
        assert desk.creates() == 1

    def test_open_tickets_are_listed_oldest_first_each_with_its_key(self, desk: Desk) -> None:
        first, other, second = (desk.sink.open(draft(key)) for key in (KEY, OTHER, KEY))
        closed = desk.sink.open(draft())
        desk.sink.close(closed, draft(), "proof")
        desk.settle()
        assert list(desk.sink.open_now()) == [(KEY, first), (OTHER, other), (KEY, second)]

    def test_a_ticket_that_doubles_another_is_folded_into_it_and_may_be_again(
        self, desk: Desk
    ) -> None:
        first, second = desk.sink.open(draft()), desk.sink.open(draft())
        for _ in range(2):
            desk.sink.fold(second, draft(), first, "It goes on in another.")
        desk.settle()
        assert [status.ref for status in desk.sink.find(KEY)] == [first]
        assert [ref for _, ref in desk.sink.open_now()] == [first]
        status = desk.sink.read(second)
        assert (status.open, status.resolved_by_us) == (False, True)
        assert (desk.comments(second), desk.links(second)) == (1, {first.id})
        assert desk.sink.read(first).open

    def test_a_ticket_goes_on_from_a_closed_one_by_one_link(self, desk: Desk) -> None:
        former = desk.sink.open(draft())
        desk.sink.close(former, draft(), "proof")
        ref = desk.sink.open(draft())
        for _ in range(2):
            desk.sink.follow(ref, former)
        assert desk.links(ref) == {former.id}
        assert (desk.sink.read(ref).open, desk.sink.read(former).open) == (True, False)

    def test_a_ticket_that_is_gone_is_an_error(self, desk: Desk) -> None:
        ref = desk.sink.open(draft())
        gone = dataclasses.replace(ref, id="0" * 31 + "7", key="SEC-999")
        with pytest.raises(OffkeyError):
            desk.sink.read(gone)

    def test_a_text_of_any_length_is_taken(self, desk: Desk) -> None:
        long = Draft(
            KEY,
            "x\n" * 400,
            (
                Bullets("Places", tuple(f"place {n} " + "y" * 200 for n in range(2000))),
                Paragraph("z" * 100_000),
                Paragraph(""),
            ),
        )
        ref = desk.sink.open(long)
        desk.sink.update(ref, long)
        desk.sink.close(ref, long, "w" * 100_000)
        assert not desk.sink.read(ref).open

    def test_a_witness_can_be_read_again_from_wherever_it_was_written(self, desk: Desk) -> None:
        lines = [TreeHead(n, AT, f"{n:064x}", "0a1b2c3d", f"{n:0128x}").line for n in range(1, 6)]
        first, second, third, fourth, other = (replace(draft(), witness=one) for one in lines)
        ref = desk.sink.open(first)
        assert witnesses(desk, ref) == {1}
        desk.sink.close(ref, second, "The issuer rejected it twice.")
        kept = {2}
        if desk.reopens:
            desk.sink.reopen(ref, third, "The issuer accepts it again.")
            assert witnesses(desk, ref) >= {2, 3}
        else:
            ref, kept = desk.sink.open(third), set()
        desk.sink.update(ref, fourth)
        assert witnesses(desk, ref) >= {*kept, 4}
        another = desk.sink.open(replace(other, key=OTHER))
        assert witnesses(desk, another) == {5}

    def test_a_folded_ticket_keeps_its_witness(self, desk: Desk) -> None:
        line = TreeHead(9, AT, "ab" * 32, "0a1b2c3d", "cd" * 64).line
        oldest, doubled = desk.sink.open(draft()), desk.sink.open(draft())
        desk.sink.fold(doubled, replace(draft(), witness=line), oldest, "It doubles another.")
        assert 9 in witnesses(desk, doubled)

    def test_a_witness_is_never_cut_off_and_makes_no_second_comment(self, desk: Desk) -> None:
        heads = [TreeHead(n, AT, "ab" * 32, "0a1b2c3d", "cd" * 64).line for n in (7, 8)]
        long = Draft(KEY, "t", (Paragraph("z" * 100_000),) * 20, witness=heads[0])
        ref = desk.sink.open(long)
        assert witnesses(desk, ref) == {7}
        for head in heads:
            desk.sink.close(ref, replace(long, witness=head), "proof")
        assert desk.comments(ref) == 1

    def test_a_ready_system_lacks_nothing(self, desk: Desk) -> None:
        assert list(desk.sink.check()) == []
