"""Mail to a team: encrypted, verified, in plain text, and never to whom it is about."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.outlet_email import EmailOutlet, Settings, connect
from correlate.errors import AuthError, ConfigError
from correlate.notice import Outcome
from correlate.ports import Setup
from correlate.secret import Secret
from tests.connectors.outlets import HOSTILE, made
from tests.mailbox import Mailbox, receiving
from tests.services import certificate


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("mail"))


def outlet(box: Mailbox | None = None, **more: Any) -> EmailOutlet:
    plain: dict[str, Any] = {
        "host": "127.0.0.1", "sender": "offkey@example.com", "to": ("sec@example.com",),
        "timeout_s": 5.0, "security": "tls" if box and box.tls else "starttls",
    }  # fmt: skip
    if box:
        plain |= {"port": box.port, "ca_file": box.cert}
    return connect(Settings(**(plain | more)), Setup("team", Path("unused")))


@pytest.mark.parametrize("tls", [True, False])
def test_a_mail_is_sent_once_all_is_encrypted(pem: tuple[Path, Path], *, tls: bool) -> None:
    with receiving(Mailbox(*pem, tls=tls)) as box:
        held = outlet(box, user="offkey", password=Secret("word"), show_person=True)
        receipts = held.send([made(1), made(2)])
    assert [receipt.outcome for receipt in receipts] == [Outcome.TAKEN] * 2
    assert set(box.in_the_clear) <= {"EHLO", "STARTTLS"}
    assert box.logins == ["\0offkey\0word"]
    (to, body), _ = box.mails
    mail = message_from_bytes(body, policy=default)
    assert to == ["sec@example.com"]
    assert mail["Message-ID"] == "<offkey_1@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert "Person: Jane Doe" in mail.get_content()


def test_no_name_adds_a_header_or_an_address(pem: tuple[Path, Path]) -> None:
    with receiving(Mailbox(*pem)) as box:
        outlet(box).send([made(title=HOSTILE, credential="\r\n.\r\nMAIL FROM:<eve@e.example>")])
    ((to, body),) = box.mails
    mail = message_from_bytes(body, policy=default)
    assert (to, mail["To"], mail["Bcc"]) == (["sec@example.com"], "sec@example.com", None)
    assert sum(line.upper().startswith("MAIL") for line in box.heard) == 1
    assert "Jane" not in body.decode()


@given(st.text(max_size=300))
def test_whatever_a_title_holds_it_is_one_header(title: str) -> None:
    body = outlet().message(made(title=title), ["sec@example.com"]).as_bytes()
    head, _, _ = body.partition(b"\r\n\r\n")
    names = {
        line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))
    }
    assert names == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted", b"Content-Type",
        b"Content-Transfer-Encoding", b"MIME-Version",
    }  # fmt: skip


def test_whom_it_is_about_gets_no_mail(pem: tuple[Path, Path]) -> None:
    about = frozenset({"jane@example.com"})
    with receiving(Mailbox(*pem)) as box:
        both = outlet(box, to=("Jane+x@example.com", "sec@example.com"))
        only = outlet(box, to=("JANE@example.com",))
        (taken,) = both.send([made(not_to=about)])
        (refused,) = only.send([made(not_to=about)])
    assert (taken.outcome, refused.outcome) == (Outcome.TAKEN, Outcome.REFUSED)
    assert [to for to, _ in box.mails] == [["sec@example.com"]]


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        ({"RCPT": "550 no such user"}, [Outcome.REFUSED, Outcome.REFUSED]),
        ({"RCPT": "451 later"}, [Outcome.SENDING, Outcome.SENDING]),
        ({"DATA": "554 no"}, [Outcome.REFUSED, Outcome.REFUSED]),
        ({"MAIL": "421 going down"}, [Outcome.SENDING, Outcome.SENDING]),
    ],
)
def test_a_servers_no_is_for_good_or_for_now(
    says: dict[str, str], wanted: list[Outcome], pem: tuple[Path, Path]
) -> None:
    with receiving(Mailbox(*pem, says=says)) as box:
        receipts = outlet(box).send([made(1), made(2)])
    assert [receipt.outcome for receipt in receipts] == wanted
    assert all("user" not in receipt.reason for receipt in receipts)
    assert box.mails == []


def test_nothing_is_said_to_a_server_that_is_not_proved(
    pem: tuple[Path, Path], tmp_path: Path
) -> None:
    other, _ = certificate(tmp_path)
    for box in (Mailbox(*pem), Mailbox(*pem, tls=True), Mailbox(*pem, starttls=False)):
        with receiving(box):
            more = {"ca_file": other} if box.starttls else {}
            held = outlet(box, user="offkey", password=Secret("word"), **more)
            receipts = held.send([made(1), made(2)])
        assert [receipt.outcome for receipt in receipts] == [Outcome.SENDING] * 2
        assert (box.mails, box.logins) == ([], [])


def test_a_refused_login_is_said(pem: tuple[Path, Path]) -> None:
    with receiving(Mailbox(*pem, says={"AUTH": "535 no"})) as box, pytest.raises(AuthError):
        outlet(box, user="offkey", password=Secret("word")).send([made()])


@pytest.mark.parametrize(
    "more",
    [
        {"to": ("Jane <jane@example.com>",)}, {"to": ("a@b\r\nBcc: c@d",)}, {"to": ("",)}, {"to": ()},
        {"sender": "nobody"}, {"security": "none"}, {"user": "x"}, {"to": ("a@b, c@d",)},
    ],
)  # fmt: skip
def test_what_is_no_address_or_no_encryption_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        outlet(**more)
    assert caught.value.where.startswith("outlets.team")
