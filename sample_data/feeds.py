"""The personnel file and the directory, written as the company's systems would write them."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable
from datetime import date

from sample_data.cast import CAST
from sample_data.people import DOMAIN, Somebody

COLUMNS = (
    "employee_id",
    "first_name",
    "last_name",
    "email",
    "previous_emails",
    "github_login",
    "status",
    "worker_type",
    "manager_id",
    "hire_date",
    "last_working_day",
    "termination_date",
    "time_zone",
)
BASE = "dc=fennelandrye,dc=example"
PEOPLE = f"ou=people,{BASE}"
DISABLED_ATTRIBUTE = "pwdAccountLockedTime"  # slapo-ppolicy(5); needs the ppolicy overlay
EXPIRY_ATTRIBUTE = "shadowExpire"  # RFC 2307: days since 1970-01-01
_EPOCH = date(1970, 1, 1)


def personnel_csv(cast: Iterable[Somebody] = CAST) -> str:
    """Return the personnel file: a row per spell, by worker id, with CRLF as HR systems write."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for one in sorted(cast, key=lambda one: one.id):
        for spell in one.spells:
            mails = ";".join(one.previous)
            who = (one.id, one.first, one.last, one.email, mails, one.github)
            work = (spell.status, spell.worker_type, one.manager, spell.hired)
            rows.writerow((*who, *work, spell.last_working_day, spell.ends, one.zone))
    return out.getvalue()


def directory_ldif(cast: Iterable[Somebody] = CAST) -> str:
    """Return the directory as LDIF for schemas core, cosine, inetorgperson and nis.

    Disabled people carry pwdAccountLockedTime, expiring ones shadowExpire.
    """
    blocks = [
        _block(BASE, ["dcObject", "organization"], [("dc", "fennelandrye"), ("o", "Fennel & Rye")]),
        _block(PEOPLE, ["organizationalUnit"], [("ou", "people")]),
    ]
    blocks += [_entry(one) for one in sorted(cast, key=lambda one: one.id) if one.account]
    blocks.append(_service("svc-badge", "Badge printer"))
    return "\n".join(blocks)


def _entry(one: Somebody) -> str:
    account = one.account
    if account is None:
        return ""
    classes = ["top", "person", "organizationalPerson", "inetOrgPerson"]
    values = [
        ("uid", account.uid),
        ("cn", one.name),
        ("givenName", one.first),
        ("sn", one.last),
        *(("mail", mail) for mail in (one.email, *account.aliases)),
    ]
    if one.spells:
        values.append(("employeeNumber", one.id))
    if account.expires:
        classes.append("shadowAccount")
        days = (date.fromisoformat(account.expires) - _EPOCH).days
        values.append((EXPIRY_ATTRIBUTE, str(days)))
    if account.locked:
        values.append((DISABLED_ATTRIBUTE, account.locked))
    return _block(f"uid={account.uid},{PEOPLE}", classes, values)


def _service(uid: str, name: str) -> str:
    classes = ["top", "person", "organizationalPerson", "inetOrgPerson"]
    values = [("uid", uid), ("cn", name), ("sn", name), ("mail", f"{uid}@{DOMAIN}")]
    return _block(f"uid={uid},{PEOPLE}", classes, values)


def _block(dn: str, classes: Iterable[str], values: Iterable[tuple[str, str]]) -> str:
    lines = [_line("dn", dn), *(_line("objectClass", name) for name in classes)]
    lines += [_line(name, value) for name, value in values]
    return "\n".join(lines) + "\n"


def _line(name: str, value: str) -> str:
    """Return one LDIF line; a value that is not plain ASCII is written as base64 (RFC 2849)."""
    if value.isascii() and value[:1] not in (" ", ":", "<"):
        return f"{name}: {value}"
    return f"{name}:: {base64.b64encode(value.encode()).decode()}"
