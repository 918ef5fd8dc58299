"""What a directory's entries say of accounts. Pure; every value is judged from the bytes the server sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from connectors.directory_values import (
    Raw,
    added,
    filetime,
    flag,
    folded,
    generalized,
    guid,
    moment,
    number,
    relative_id,
    stamps,
    text,
    texts,
    values,
)
from connectors.public_half import fingerprint, listed
from correlate.model import DirectoryAccount, Identity, Truth, WorkerId

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "openldap": {
        "account_id": "entryUUID",
        "login": "uid",
        "name": "cn",
        "email": "mail",
        "aliases": "",
        "worker_id": "employeeNumber",
        "changed_at": "modifyTimestamp",
        "created_at": "createTimestamp",
        "leaves_at": "",
        "manager": "manager",
        "ssh_keys": "",
    },
    "ad": {
        "account_id": "objectGUID",
        "login": "sAMAccountName",
        "name": "displayName",
        "email": "mail",
        "aliases": "proxyAddresses",
        "worker_id": "employeeID",
        "changed_at": "whenChanged",
        "created_at": "whenCreated",
        "leaves_at": "",
        "manager": "manager",
        "ssh_keys": "",
    },
}
FIELDS = tuple(DEFAULTS["openldap"])
JUDGED: Mapping[str, tuple[str, ...]] = {
    "openldap": (
        "pwdAccountLockedTime", "pwdEndTime", "nsAccountLock", "shadowExpire", "krbPrincipalExpiration",
    ),
    "ad": (
        "userAccountControl", "accountExpires", "isDeleted", "isCriticalSystemObject", "objectSid",
    ),
}  # fmt: skip
# its value may be large: it is asked for only where it tells something
STAMPS = "replPropertyMetaData"
# https://learn.microsoft.com/windows/win32/adschema/classes-all
SERVICE_CLASSES = (
    "msDS-GroupManagedServiceAccount",
    "msDS-ManagedServiceAccount",
    "msDS-DelegatedManagedServiceAccount",
)
# userAccountControl: https://learn.microsoft.com/troubleshoot/windows-server/active-directory/useraccountcontrol-manipulate-account-properties
DISABLED = 0x2
_MACHINES = 0x1000 | 0x2000 | 0x800  # workstation, domain controller, trust
# attributes by their numbers: [MS-DRSR] 5.16.4, with the prefixes that never change
_FLAGS_STAMP, _DELETED_STAMP = 0x90008, 0x20030
# lower ones are Windows's own: https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
_FIRST_OWN = 1000
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_MAX = 3_000_000
_LOCKED_FOR_GOOD = b"000001010000Z"  # slapo-ppolicy(5): no time, but an administrator's lock


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

    how: Reading
    problems: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)  # of all entries, also those that are no accounts
    _accounts: dict[str, DirectoryAccount] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)
    _managers: dict[str, str] = field(default_factory=dict)
    _hashes: list[bytes] = field(default_factory=list)

    def add(self, name: str, raw: Raw) -> None:
        """Judge one entry. Of two with one id the later one counts."""
        self._hashes.append(_hash(name, raw))
        number = identifier(name, raw, self.how)
        self.ids.add(number)
        found = account(name, raw, self.how, self.problems.append)
        if found is None:
            self._accounts.pop(number, None)
            return
        self._accounts[number] = found
        self._names[folded(name)] = number
        self._managers[number] = text(raw, self.how.attributes["manager"])

    def accounts(self, elsewhere: Callable[[str], str] = lambda _: "") -> list[DirectoryAccount]:
        """Return the accounts with their managers' ids. `elsewhere` gives the id of an entry by its
        name where it is not among those judged, or nothing.
        """
        return [
            replace(found, manager=self._manager(self._managers[number], elsewhere))
            for number, found in self._accounts.items()
        ]

    @property
    def digest(self) -> str:
        """The SHA-256 of all entries."""
        return hashlib.sha256(b"".join(sorted(self._hashes))).hexdigest()

    def _manager(self, name: str, elsewhere: Callable[[str], str]) -> str:
        if not name:
            return ""
        return self._names.get(folded(name)) or elsewhere(name)


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
    """Return the account of an entry; None for machines, built-ins and entries without a login.

    Its manager is left open: that is another entry's id.
    """
    service = _service(raw)
    if service is not Truth.YES and _apart(raw):
        return None
    login = text(raw, how.attributes["login"])
    if not login:
        problem("an entry without a login was left out")
        return None
    number = identifier(name, raw, how)
    if not number:
        problem("an entry without an immutable id was left out")
        return None
    worker = text(raw, how.attributes["worker_id"]).strip()
    leaves = text(raw, how.attributes["leaves_at"]).strip()
    leaves_at = moment(leaves)
    if leaves and leaves_at is None:
        problem("a leave date cannot be read")
    deleted = flag(raw, "isDeleted")
    return DirectoryAccount(
        account_id=number,
        login=login,
        name=text(raw, how.attributes["name"]) or login,
        emails=tuple(_mails(raw, how)),
        worker_id=WorkerId(worker) if worker else None,
        enabled=Truth.NO if deleted else enabled(raw, how),
        deleted=deleted,
        expires_at=expiry(raw, how),
        changed_at=generalized(text(raw, how.attributes["changed_at"])),
        created_at=generalized(text(raw, how.attributes["created_at"])),
        leaves_at=leaves_at,
        disabled_at=disabled_at(raw),
        identities=_keys(raw, how),
        service=service,
    )


def identifier(name: str, raw: Raw, how: Reading) -> str:
    """Return an entry's immutable id, empty where it shows none."""
    attribute = how.attributes["account_id"]
    held = values(raw, attribute)
    if not held or not held[0]:
        return name.casefold() if how.id_from_name else ""
    if attribute.casefold() == "objectguid":
        return guid(held[0])
    return held[0].decode("utf-8", "replace")


def enabled(raw: Raw, how: Reading) -> Truth:
    """Return whether the entry may be used, expiry aside. A lock after wrong passwords is none."""
    attribute, _, value = how.disabled_marker.partition("=")
    marks = [mark.casefold() for mark in texts(raw, attribute)] if attribute else []
    if value.casefold() in marks and attribute:
        return Truth.NO
    if how.flavour == "ad":
        flags = number(raw, "userAccountControl")
        if flags is None:
            return Truth.UNKNOWN
        return Truth.NO if flags & DISABLED else Truth.YES
    if flag(raw, "nsAccountLock"):
        return Truth.NO
    if _LOCKED_FOR_GOOD in values(raw, "pwdAccountLockedTime"):
        return Truth.NO
    return Truth.YES


def expiry(raw: Raw, how: Reading) -> datetime | None:
    """Return when the account expires or expired, None for never; of several, the first."""
    if how.flavour == "ad":
        return filetime(number(raw, "accountExpires"))
    ends = [
        generalized(text(raw, "krbPrincipalExpiration")),
        generalized(text(raw, "pwdEndTime")),  # slapo-ppolicy(5): no login after it
        _shadow(number(raw, "shadowExpire")),
    ]
    # Kerberos writes its "never" as the beginning of time: krb5's KADM5 keeps it as 0
    return min((end for end in ends if end is not None and end > _UNIX_EPOCH), default=None)


def disabled_at(raw: Raw) -> datetime | None:
    """Return when a disabled or deleted account of Active Directory became so, if its stamps are given.

    It is the last change of the flags: another flag set later moves it, never to before the disabling.
    """
    held = values(raw, STAMPS)
    at = stamps(held[0]) if held else {}
    if (number(raw, "userAccountControl") or 0) & DISABLED:
        return at.get(_FLAGS_STAMP)
    return at.get(_DELETED_STAMP) if flag(raw, "isDeleted") else None


def _shadow(days: int | None) -> datetime | None:
    """Return an expiry of shadow(5): days since 1970; shadow-utils takes 0 for never, too."""
    if days is None or days <= 0:
        return None
    return added(_UNIX_EPOCH, timedelta(days=min(days, _DAYS_MAX)))


def _service(raw: Raw) -> Truth:
    classes = {value.casefold() for value in texts(raw, "objectClass")}
    machine = any(name.casefold() in classes for name in SERVICE_CLASSES)
    return Truth.YES if machine else Truth.UNKNOWN


def _apart(raw: Raw) -> bool:
    """Return whether the entry is a machine's or Windows's own; both marks of those are looked at."""
    if (number(raw, "userAccountControl") or 0) & _MACHINES or flag(raw, "isCriticalSystemObject"):
        return True
    sid = values(raw, "objectSid")
    own = relative_id(sid[0]) if sid else None
    return own is not None and own < _FIRST_OWN


def _mails(raw: Raw, how: Reading) -> Iterable[str]:
    """Return the addresses, the main one first. proxyAddresses are "SMTP:main", "smtp:other"."""
    found = texts(raw, how.attributes["email"])
    for alias in texts(raw, how.attributes["aliases"]):
        scheme, colon, address = alias.partition(":")
        if not colon:
            found.append(alias)
        elif scheme.casefold() == "smtp":
            found.append(address)
    return dict.fromkeys(mail.strip() for mail in found if "@" in mail)


def _keys(raw: Raw, how: Reading) -> tuple[Identity, ...]:
    """Return the public keys of SSH; what else stands in the attribute (altSecurityIdentities holds
    certificates' names, too) is passed over.
    """
    found = {
        fingerprint(line) for value in texts(raw, how.attributes["ssh_keys"]) for line in listed(value)
    }  # fmt: skip
    return tuple(Identity("ssh-key", one) for one in sorted(found))


def _hash(name: str, raw: Raw) -> bytes:
    whole = hashlib.sha256(name.encode("utf-8", "replace"))
    for attribute in sorted(raw):
        for value in sorted(raw[attribute]):
            whole.update(b"\x00%b\x00%d\x00%b" % (attribute.encode(), len(value), value))
    return whole.digest()
