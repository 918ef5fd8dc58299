"""What a directory's raw attributes say of an account. Pure; no library's own reading is trusted.

A client library may turn "never expires" into the year 1601 or 9999, and a permanent lock
into nothing, so every value is judged here from the bytes the server sent.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from correlate.model import DirectoryAccount, Truth, WorkerId

Raw = Mapping[str, Sequence[bytes]]  # attribute names in lower case
FIELDS = ("account_id", "login", "name", "email", "aliases", "worker_id", "changed_at")
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "openldap": {
        "account_id": "entryUUID",
        "login": "uid",
        "name": "cn",
        "email": "mail",
        "aliases": "",
        "worker_id": "employeeNumber",
        "changed_at": "modifyTimestamp",
    },
    "ad": {
        "account_id": "objectGUID",
        "login": "sAMAccountName",
        "name": "displayName",
        "email": "mail",
        "aliases": "proxyAddresses",
        "worker_id": "employeeID",
        "changed_at": "whenChanged",
    },
}
JUDGED: Mapping[str, tuple[str, ...]] = {
    "openldap": ("pwdAccountLockedTime", "nsAccountLock", "shadowExpire", "krbPrincipalExpiration"),
    "ad": ("userAccountControl", "accountExpires", "isDeleted", "isCriticalSystemObject"),
}
# userAccountControl: https://learn.microsoft.com/troubleshoot/windows-server/active-directory/useraccountcontrol-manipulate-account-properties
_DISABLED = 0x2
_MACHINES = 0x1000 | 0x2000 | 0x800  # workstation, domain controller, trust
_NEVER = 0x7FFFFFFFFFFFFFFF  # accountExpires, as 0: [MS-ADA1] 2.1
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCKED_FOR_GOOD = b"000001010000Z"  # slapo-ppolicy(5): no time, but an administrator's lock
_GENERALIZED = re.compile(r"(\d{14})(?:[.,]\d+)?(Z|[+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one directory words things. `disabled_marker` is "attribute=value"."""

    flavour: str
    attributes: Mapping[str, str]
    disabled_marker: str = ""
    id_from_name: bool = False  # where no immutable id is exported, the entry's name stands in

    @property
    def wanted(self) -> list[str]:
        """The attributes to ask for by name: operational ones come no other way."""
        names = [name for name in self.attributes.values() if name]
        names += JUDGED[self.flavour]
        marker = self.disabled_marker.partition("=")[0]
        return list(dict.fromkeys([*names, *([marker] if marker else []), "objectClass"]))


@dataclass(slots=True)
class Judged:
    """What came of all entries, and a digest of them that does not depend on their order."""

    accounts: list[DirectoryAccount] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _hashes: list[bytes] = field(default_factory=list)

    def add(self, name: str, raw: Raw, how: Reading) -> None:
        """Judge one entry."""
        self._hashes.append(_hash(name, raw))
        found = account(name, raw, how, self.problems.append)
        if found is not None:
            self.accounts.append(found)

    @property
    def digest(self) -> str:
        """The SHA-256 of all entries."""
        return hashlib.sha256(b"".join(sorted(self._hashes))).hexdigest()


def reading(
    flavour: str, attributes: Mapping[str, str], marker: str, *, id_from_name: bool = False
) -> Reading:
    """Return the reading of a flavour; raises ValueError, in words for a person, for none."""
    if flavour not in DEFAULTS:
        raise ValueError(f"flavour is one of {', '.join(DEFAULTS)}")
    unknown = sorted(set(attributes) - set(FIELDS))
    if unknown:
        raise ValueError(f"unknown: {', '.join(unknown)}; known are {', '.join(FIELDS)}")
    if marker and not all(marker.partition("=")):
        raise ValueError("disabled_marker is written attribute=value")
    return Reading(flavour, {**DEFAULTS[flavour], **attributes}, marker, id_from_name)


def account(
    name: str, raw: Raw, how: Reading, problem: Callable[[str], None]
) -> DirectoryAccount | None:
    """Return the account of an entry; None for machines, built-ins and entries without a login."""
    if _apart(raw):
        return None
    login = _text(raw, how.attributes["login"])
    if not login:
        problem("an entry without a login was left out")
        return None
    number = _identifier(raw, how, name)
    if not number:
        problem("an entry without an immutable id was left out")
        return None
    worker = _text(raw, how.attributes["worker_id"]).strip()
    deleted = _text(raw, "isDeleted").upper() == "TRUE"
    return DirectoryAccount(
        account_id=number,
        login=login,
        name=_text(raw, how.attributes["name"]) or login,
        emails=tuple(_mails(raw, how)),
        worker_id=WorkerId(worker) if worker else None,
        enabled=Truth.NO if deleted else enabled(raw, how),
        deleted=deleted,
        expires_at=expiry(raw, how),
        changed_at=generalized(_text(raw, how.attributes["changed_at"])),
    )


def enabled(raw: Raw, how: Reading) -> Truth:
    """Return whether the entry may be used, expiry aside. A lock after wrong passwords is none."""
    attribute, _, value = how.disabled_marker.partition("=")
    marks = [text.casefold() for text in _texts(raw, attribute)] if attribute else []
    if value.casefold() in marks and attribute:
        return Truth.NO
    if how.flavour == "ad":
        flags = _number(raw, "userAccountControl")
        if flags is None:
            return Truth.UNKNOWN
        return Truth.NO if flags & _DISABLED else Truth.YES
    if _text(raw, "nsAccountLock").upper() == "TRUE":
        return Truth.NO
    if _LOCKED_FOR_GOOD in _values(raw, "pwdAccountLockedTime"):
        return Truth.NO
    return Truth.YES


def expiry(raw: Raw, how: Reading) -> datetime | None:
    """Return when the account expires or expired, None for never."""
    if how.flavour == "ad":
        return filetime(_number(raw, "accountExpires"))
    days = _number(raw, "shadowExpire")  # shadow(5): days since 1970, the account ends with it
    if days is not None and days > 0:  # shadow-utils takes 0 for never, too
        return _added(_UNIX_EPOCH, timedelta(days=min(days, 3_000_000)))
    return generalized(_text(raw, "krbPrincipalExpiration"))


def filetime(ticks: int | None) -> datetime | None:
    """Return the instant of a FILETIME (100 ns since 1601), None for either "never"."""
    if ticks is None or ticks <= 0 or ticks >= _NEVER:
        return None
    return _added(_FILETIME_EPOCH, timedelta(microseconds=ticks // 10))


def generalized(text: str) -> datetime | None:
    """Return the instant of an LDAP GeneralizedTime, None where the text is none."""
    found = _GENERALIZED.fullmatch(text)
    if found is None:
        return None
    try:
        zone = "+0000" if found[2] == "Z" else found[2]
        return datetime.strptime(found[1] + zone, "%Y%m%d%H%M%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _added(start: datetime, span: timedelta) -> datetime | None:
    try:
        return start + span
    except OverflowError:
        return None  # so far off that it means never


def _apart(raw: Raw) -> bool:
    flags = _number(raw, "userAccountControl") or 0
    return bool(flags & _MACHINES) or _text(raw, "isCriticalSystemObject").upper() == "TRUE"


def _identifier(raw: Raw, how: Reading, name: str) -> str:
    values = _values(raw, how.attributes["account_id"])
    if not values or not values[0]:
        return name.casefold() if how.id_from_name else ""
    if how.attributes["account_id"].casefold() == "objectguid":
        return str(uuid.UUID(bytes_le=values[0])) if len(values[0]) == 16 else ""  # noqa: PLR2004
    return values[0].decode("utf-8", "replace")


def _mails(raw: Raw, how: Reading) -> Iterable[str]:
    """Return the addresses, the main one first. proxyAddresses are "SMTP:main", "smtp:other"."""
    found = _texts(raw, how.attributes["email"])
    for text in _texts(raw, how.attributes["aliases"]):
        scheme, colon, address = text.partition(":")
        if not colon:
            found.append(text)
        elif scheme.casefold() == "smtp":
            found.append(address)
    return dict.fromkeys(mail.strip() for mail in found if "@" in mail)


def _values(raw: Raw, name: str) -> Sequence[bytes]:
    return raw.get(name.casefold(), ()) if name else ()


def _texts(raw: Raw, name: str) -> list[str]:
    return [value.decode("utf-8", "replace") for value in _values(raw, name)]


def _text(raw: Raw, name: str) -> str:
    found = _texts(raw, name)
    return found[0] if found else ""


def _number(raw: Raw, name: str) -> int | None:
    text = _text(raw, name)
    return int(text) if re.fullmatch(r"-?\d{1,20}", text, re.ASCII) else None


def _hash(name: str, raw: Raw) -> bytes:
    whole = hashlib.sha256(name.encode("utf-8", "replace"))
    for attribute in sorted(raw):
        for value in sorted(raw[attribute]):
            whole.update(b"\x00%b\x00%d\x00%b" % (attribute.encode(), len(value), value))
    return whole.digest()
