"""Time stamps by a real authority, and every answer that must not be believed."""

from __future__ import annotations

import base64
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from connectors.timestamp import Settings, TimeStamping, connect
from correlate.errors import ConfigError, Refused, Unavailable
from correlate.tree_head import HeadStamp, TreeHead
from tests.connectors.wire import Asked, Told, answering
from tests.tsa import MAIL, STAMPS, Maker, Tsa, certified, openssl, pem

NOW = datetime.now(UTC).replace(microsecond=0)
HEAD = TreeHead(7, NOW, "ab" * 32, "01234567", "cd" * 64)
ROOT = certified("a root")
SIGNER = certified("a stamper", ROOT)


@pytest.fixture
def tsa(tmp_path: Path) -> Tsa:
    return Tsa.made(tmp_path / "tsa", SIGNER)


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    path = tmp_path / "roots.pem"
    path.write_bytes(pem(certified("an older root"), ROOT))
    return path


def asking(answer: Callable[[Asked], Told], roots: Path, head: TreeHead = HEAD) -> HeadStamp:
    with answering(answer) as base:
        return authority(roots, base).stamp(head)


def authority(roots: Path, base: str = "http://127.0.0.1:9") -> TimeStamping:
    return connect(Settings(f"{base}/tsr", roots, internal_hosts=("127.0.0.1",), timeout_s=5.0))


def query(data: bytes) -> bytes:
    made = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    return made.as_bytes()


def told(body: bytes, status: int = 200) -> Callable[[Asked], Told]:
    return lambda _: Told(status, body, "application/timestamp-reply")


def test_a_head_is_stamped_and_the_stamp_is_believed_later_too(tsa: Tsa, roots: Path) -> None:
    stamp = asking(tsa, roots)
    said = authority(roots).said(stamp)
    assert stamp.head == HEAD
    assert NOW <= said.at <= datetime.now(UTC) + timedelta(seconds=1)
    assert said.by == "CN=a stamper"


def test_openssl_believes_what_we_keep(tsa: Tsa, roots: Path, tmp_path: Path) -> None:
    stamp = asking(tsa, roots)
    (tmp_path / "token").write_bytes(base64.b64decode(stamp.token))
    (tmp_path / "note").write_text(HEAD.note, encoding="utf-8")
    words = ("-token_in", "-in", f"{tmp_path}/token", "-data", f"{tmp_path}/note")
    openssl("ts", "-verify", *words, "-CAfile", str(roots))


def test_nothing_but_a_digest_is_sent(tsa: Tsa, roots: Path) -> None:
    seen: list[bytes] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked.body)
        return tsa(asked)

    asking(answer, roots)
    asking(answer, roots)
    assert seen[0] != seen[1], "each has a nonce of its own"
    assert all(hashlib.sha256(HEAD.note.encode()).digest() in body for body in seen)
    assert max(map(len, seen)) < 100


def test_a_chain_in_the_answer_leads_to_a_root(tmp_path: Path, roots: Path) -> None:
    between = certified("between", ROOT, uses=(), issues=True)
    tsa = Tsa.made(tmp_path / "tsa", certified("a stamper", between), between)
    assert authority(roots).said(asking(tsa, roots)).by == "CN=a stamper"


def another_request(tsa: Tsa) -> bytes:
    return tsa.reply(query(HEAD.note.encode()))


def another_head(tsa: Tsa) -> bytes:
    return tsa.reply(query(replace(HEAD, size=8).note.encode()))


@pytest.mark.parametrize(
    ("answer", "why"),
    [(another_request, "another request"), (another_head, "something else than this head")],
)
def test_what_answers_something_else_is_refused(
    tsa: Tsa, roots: Path, answer: Callable[[Tsa], bytes], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        asking(told(answer(tsa)), roots)


def test_another_digest_of_the_same_length_does_not_count(tsa: Tsa, roots: Path) -> None:
    """The library compares the digests, and not which algorithm they are of."""

    def answer(asked: Asked) -> Told:
        sha256, sha3 = (
            bytes.fromhex("0609608648016503040201"),
            bytes.fromhex("0609608648016503040208"),
        )
        (tsa.folder / "tsa.cnf").write_text(
            (tsa.folder / "tsa.cnf").read_text().replace("digests = sha256", "digests = sha3-256")
        )
        return tsa(replace(asked, body=asked.body.replace(sha256, sha3)))

    with pytest.raises(Refused, match="something else"):
        asking(answer, roots)


@pytest.mark.parametrize(
    "signer",
    [
        certified("a stamper", certified("a root")),
        certified("a stamper", ROOT, days=(-3, -1)),
        certified("a stamper", ROOT, days=(1, 3)),
    ],
    ids=["untrusted", "expired", "not valid yet"],
)
def test_who_is_not_certified_at_that_time_is_not_believed(
    tmp_path: Path, roots: Path, signer: Maker
) -> None:
    with pytest.raises(Refused, match="not signed, when it says it was"):
        asking(Tsa.made(tmp_path / "tsa", signer), roots)


@pytest.mark.parametrize(
    ("signer", "believed"),
    [
        (certified("a", ROOT), True),
        (certified("a", ROOT, uses=()), False),
        (certified("a", ROOT, uses=(MAIL,)), False),
        (certified("a", ROOT, critical=False), False),
        (certified("a", ROOT, uses=(STAMPS, MAIL)), False),
        (certified("a", ROOT, issues=True), False),
    ],
    ids=["for stamps", "for anything", "for mail", "not critical", "for more", "an authority"],
)
def test_the_key_is_for_time_stamps_and_nothing_else(
    tsa: Tsa, roots: Path, signer: Maker, *, believed: bool
) -> None:
    token = tsa.signed_by(signer, base64.b64decode(asking(tsa, roots).token))
    stamp = HeadStamp(HEAD, base64.b64encode(token).decode())
    if believed:
        assert authority(roots).said(stamp).by == "CN=a"
    else:
        with pytest.raises(Refused, match="not signed"):
            authority(roots).said(stamp)


def test_a_certificate_slipped_in_does_not_lend_its_uses(tsa: Tsa, roots: Path) -> None:
    """Of the same name and number as the signer's, for time stamps, and signed by nobody we believe."""
    mail = certified("a", ROOT, uses=(MAIL,))
    false = certified("a", certified("a root"), number=mail.made.serial_number)
    token = tsa.signed_by(mail, base64.b64decode(asking(tsa, roots).token), false)
    with pytest.raises(Refused, match="not signed"):
        authority(roots).said(HeadStamp(HEAD, base64.b64encode(token).decode()))


def test_an_authority_that_rejects_is_refused(tmp_path: Path, roots: Path) -> None:
    with pytest.raises(Refused, match="rejects"):
        asking(Tsa.made(tmp_path / "tsa", SIGNER, digests="sha512"), roots)


@pytest.mark.parametrize("status", range(1, 7))
def test_only_what_is_granted_as_asked_counts(tsa: Tsa, roots: Path, status: int) -> None:
    def answer(asked: Asked) -> Told:
        body = tsa.reply(asked.body)
        granted = bytes.fromhex("3003020100")
        assert body.count(granted) >= 1
        return told(body.replace(granted, granted[:-1] + bytes([status]), 1))(asked)

    with pytest.raises(Refused):
        asking(answer, roots)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"0\x03\x02\x01\x00", bytes.fromhex("30053003020100")]
)
def test_what_is_no_time_stamp_is_refused(roots: Path, body: bytes) -> None:
    with pytest.raises(Refused, match="no time stamp"):
        asking(told(body), roots)


@pytest.mark.parametrize(
    ("body", "status", "why"), [(b"0" * 70_000, 200, "larger than"), (b"", 503, "status 503")]
)
def test_an_authority_that_gives_no_usable_answer_is_unavailable(
    roots: Path, body: bytes, status: int, why: str
) -> None:
    with pytest.raises(Unavailable, match=why):
        asking(told(body, status), roots)


def test_an_authority_that_is_down_is_unavailable(roots: Path) -> None:
    with answering(told(b"")) as base:
        pass
    with pytest.raises(Unavailable):
        authority(roots, base).stamp(HEAD)


def test_a_stamp_that_is_older_than_its_head_is_refused(tsa: Tsa, roots: Path) -> None:
    with pytest.raises(Refused, match="older than the head"):
        asking(tsa, roots, replace(HEAD, at=NOW + timedelta(hours=1)))


def test_a_kept_stamp_does_not_fit_another_head(tsa: Tsa, roots: Path) -> None:
    stamp = asking(tsa, roots)
    with pytest.raises(Refused, match="something else"):
        authority(roots).said(replace(stamp, head=replace(HEAD, root="ba" * 32)))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_no_changed_byte_makes_a_stamp_say_something_else(tsa: Tsa, roots: Path) -> None:
    stamp, draw = asking(tsa, roots), random.Random(3161)  # noqa: S311  # bytes to change
    checks = authority(roots)
    true = checks.said(stamp)
    token, refused = base64.b64decode(stamp.token), 0
    for _ in range(300):
        changed = bytearray(token)
        changed[draw.randrange(len(token))] ^= 1 << draw.randrange(8)
        try:
            said = checks.said(replace(stamp, token=base64.b64encode(changed).decode()))
        except Refused:
            refused += 1
        else:
            assert said == true
    assert refused > 270
    for broken in ("*", "\u00e9", ""):
        with pytest.raises(Refused, match="no time stamp"):
            checks.said(replace(stamp, token=broken))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_without_roots_nobody_is_asked(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    asked: list[Asked] = []

    def answer(one: Asked) -> Told:
        asked.append(one)
        return Told()

    with pytest.raises(ConfigError, match="timestamp_roots"):
        asking(answer, path)
    assert asked == []


def test_whom_we_ask_and_believe_is_told(roots: Path) -> None:
    made = authority(roots)
    assert made.ready() == "127.0.0.1, believed under CN=an older root, CN=a root"
    assert made.host == "127.0.0.1"
