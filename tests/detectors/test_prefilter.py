from __future__ import annotations

import base64

import pytest

from correlate.model import Batch, Medium
from detectors.prefilter import Check, Clue, Expression, Prefilter

DIGITS = Expression(0, b"(abc[0-9]{3})")
LITERAL = Expression(1, b"a.c", literal=True)
ANY_CASE = Expression(1, b"xyz", literal=True, any_case=True)


def prefilter(*wanted: Expression) -> Prefilter:
    return Prefilter(lambda: wanted)


def batch(*texts: bytes) -> Batch:
    """Documents with something between them, as git has it."""
    data, starts, ends = b"", [], []
    for text in texts:
        data += b"abc999 head\n"
        starts.append(len(data))
        data += text
        ends.append(len(data))
        data += b"\n"
    items = [str(number) for number in range(len(texts))]
    return Batch("s", "c", Medium.FILE, memoryview(data), items, starts, ends)


def test_matches_are_told_by_the_id_of_their_expression_wherever_they_end() -> None:
    made = prefilter(DIGITS, LITERAL, ANY_CASE)
    assert made.ends(b"abc123 abc124 a.c abc XyZ") == {0: [6, 13], 1: [17, 25]}
    assert made.ends(b"nothing") == {}


@pytest.mark.parametrize("stored", [None, b"junk", b"[]\njunk", b"[[0], []]\n"])
def test_a_broken_database_is_compiled_anew(stored: bytes | None) -> None:
    made = Prefilter(lambda: [DIGITS], stored)
    assert made.ends(b"abc123") == {0: [6]}


def test_a_stored_database_needs_no_expressions() -> None:
    clue = Expression(1, b"c2Vj", literal=True, clues=(Clue(4, 8, "other!"), Clue(4, 8, "secre")))
    stored = prefilter(DIGITS, clue).serialised()

    def never() -> list[Expression]:
        raise AssertionError("compiled again")

    made = Prefilter(never, stored)
    assert made.ends(b"abc123 c2VjcmV0 c2Vjxxxx") == {0: [6], 1: [11]}


def test_only_documents_with_a_match_are_told_with_their_own_ends() -> None:
    texts = (b"", b"abc123", b"ab", b"c123 abc124 abc12", b"3", b"xyz")
    found = dict(prefilter(DIGITS, ANY_CASE).screen(batch(*texts), [None, None]))
    assert found == {1: {0: [6]}, 3: {0: [11]}, 5: {1: [3]}}


def test_a_check_has_the_last_word_on_a_match() -> None:
    def check(data: memoryview, end: int) -> object:
        return bytes(data[end : end + 1]) == b"!"

    checks: list[Check | None] = [check]
    found = dict(prefilter(DIGITS).screen(batch(b"abc123 abc124! abc125", b"abc126"), checks))
    assert found == {0: {0: [13]}}


@pytest.mark.parametrize("before", range(5))
@pytest.mark.parametrize("wrap", [b"", b"\n", b"\r\n"])
def test_a_clue_tells_what_holds_the_text_from_what_shares_its_digits(
    before: int, wrap: bytes
) -> None:
    coded = base64.b64encode(b"." * before + b"anchor" + b"." * 9)
    first = -(-(before % 3) * 8 // 6)
    at = before // 3 * 4 + first
    piece = coded[at : at + 6]
    made = prefilter(Expression(0, piece[3:], literal=True, clues=(Clue(first + 6, 12, "anchor"),)))
    assert made.ends(coded[: at + 2] + wrap + coded[at + 2 :]) != {}
    assert made.ends(b"0123456789" + piece + b"0123456789") == {}
