"""Mails notices to addresses of a team over SMTP, always encrypted and with a verified certificate.

Never to whom a notice is about: a leaver's mailbox is often forwarded to them. Plain text only
(RFC 5322, RFC 6376 is the server's); marked as made by a machine (RFC 3834).
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from correlate.announce import left_for_later, lines, one_line
from correlate.errors import AuthError, ConfigError
from correlate.notice import Notice, Outcome, Receipt
from correlate.ports import Setup
from correlate.secret import Secret

_SUBJECT_MAX = 150
_LATER = range(400, 500)  # RFC 5321, 4.2.1: the same may be tried again


@dataclass(frozen=True, slots=True)
class Settings:
    """`security` is "starttls" (port 587) or "tls" (port 465). `to` are a team's addresses. Without
    `show_person` nobody is named.
    """

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: Secret | None = None
    show_person: bool = False
    ca_file: Path | None = None
    timeout_s: float = 30.0


def connect(settings: Settings, setup: Setup) -> EmailOutlet:
    """Return the outlet; raises ConfigError for an address that is none."""
    where = f"outlets.{setup.name}"
    if settings.security not in ("starttls", "tls"):
        raise ConfigError(
            "An unknown way of encryption", where=f"{where}.security", why="it is none of the two",
            fix="use starttls or tls",
        )  # fmt: skip
    if bool(settings.user) != (settings.password is not None) or not settings.to:
        raise ConfigError(
            "A setting is missing", where=where, why="user and password go together, and `to` names "
            "at least one address", fix="add what is missing",
        )  # fmt: skip
    for address in (settings.sender, *settings.to):
        _checked(address, where)
    return EmailOutlet(setup.name, settings)


def _checked(address: str, where: str) -> None:
    try:
        held = Address(addr_spec=address)
    except (ValueError, IndexError, MessageError):
        held = Address()
    if not (held.username and held.domain and address.isascii() and address.isprintable()):
        raise ConfigError(
            "That is no mail address", where=where, why="it is not one plain name@domain",
            fix="write each address by itself, without a name",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EmailOutlet:
    """One list of recipients behind one server."""

    name: str
    settings: Settings

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        """Send one mail a notice, all over one connection."""
        made: list[Receipt] = []
        try:
            with self._session() as server:
                for notice in notices:
                    made.append(self._one(server, notice))  # noqa: PERF401  # kept if the next one fails
        except smtplib.SMTPAuthenticationError as error:
            raise AuthError(
                "an outlet refused our login", where=self.settings.host,
                why=f"it answered {error.smtp_code}", fix="check user and password",
            ) from None  # fmt: skip
        except (OSError, smtplib.SMTPException) as error:
            why = f"the connection failed ({type(error).__name__})"
            lost = notices[len(made)]
            made.append(Receipt(lost.id, Outcome.SENDING, why))
        return made + left_for_later(notices[len(made) :])

    def _session(self) -> AbstractContextManager[smtplib.SMTP]:
        return _Session(self.settings)

    def _one(self, server: smtplib.SMTP, notice: Notice) -> Receipt:
        to = [address for address in self.settings.to if not _same(address, notice.not_to)]
        if not to:
            return Receipt(notice.id, Outcome.REFUSED, "nobody to mail to but whom it is about")
        made = self.message(notice, to)
        try:
            missed = server.send_message(made, self.settings.sender, to)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPResponseException) as error:
            server.rset()
            codes = _codes(error)
            later = any(code in _LATER for code in codes)
            said = ", ".join(map(str, sorted(set(codes))))
            return Receipt(
                notice.id, Outcome.SENDING if later else Outcome.REFUSED, f"it answered {said}"
            )
        reason = f"{len(missed)} of {len(to)} addresses were refused" if missed else ""
        return Receipt(notice.id, Outcome.TAKEN, reason)

    def message(self, notice: Notice, to: Sequence[str]) -> EmailMessage:
        """Return the mail: its id is the notice's, so that a second copy shows as one."""
        shown = notice if self.settings.show_person else notice.told_to_all()
        made = EmailMessage(policy=SMTP)
        made["From"] = self.settings.sender
        made["To"] = ", ".join(to)
        made["Subject"] = one_line(f"[offkey] {shown.severity}: {shown.title}")[:_SUBJECT_MAX]
        made["Date"] = format_datetime(notice.at)
        made["Message-ID"] = f"<{notice.id}@{self.settings.sender.rpartition('@')[2]}>"
        made["Auto-Submitted"] = "auto-generated"
        made.set_content("\n".join(lines(shown)) + "\n")
        return made


class _Session:
    """A connection that is encrypted, verified and signed in before anything is said."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> smtplib.SMTP:
        held = self._settings
        trust = ssl.create_default_context(cafile=held.ca_file)
        trust.minimum_version = ssl.TLSVersion.TLSv1_2
        if held.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                held.host, held.port, timeout=held.timeout_s, context=trust
            )
        else:
            server = smtplib.SMTP(held.host, held.port, timeout=held.timeout_s)
        self._server = server
        try:
            if held.security == "starttls":
                server.starttls(context=trust)
            if held.password is not None:
                server.login(held.user, held.password.reveal())
        except BaseException:
            server.close()
            raise
        return server

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()


def _codes(error: smtplib.SMTPException) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []


def _same(address: str, others: frozenset[str]) -> bool:
    """Whether an address is one of the others, whatever stands behind a plus sign."""
    return _bare(address) in {_bare(other) for other in others}


def _bare(address: str) -> str:
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
