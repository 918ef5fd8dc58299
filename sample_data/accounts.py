"""Whom the vendors know: the same people under each vendor's own names and numbers."""

from __future__ import annotations

import hashlib

from sample_data.cast import somebody
from sample_data.planted import Planted
from sample_data.simulators.plan import Account


def _number(text: str) -> int:
    """Return a number of seven digits that stands for `text` for good."""
    return 1_000_000 + int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 8_000_000


def _uid(person: str) -> str:
    account = somebody(person).account
    return account.uid if account else somebody(person).github


def github_account(person: str) -> Account:
    """Return a person's GitHub account; the profile shows no address."""
    one = somebody(person)
    number = one.github_id or _number(one.github)
    return Account(str(number), one.github, one.name)


def gitlab_account(person: str) -> Account:
    """Return a person's GitLab account, whose name is the directory's uid."""
    one = somebody(person)
    return Account(str(_number(_uid(person)) % 1000 + 100), _uid(person), one.name, one.email)


def _aws_account(person: str) -> Account:
    return Account(f"AIDA{_number(person)}", _uid(person))


def _mail_account(person: str) -> Account:
    one = somebody(person)
    return Account(f"user-{_number(person)}", f"{_uid(person)}-fr", one.name, one.email)


_BY_VENDOR = {
    "github": github_account,
    "gitlab": gitlab_account,
    "aws_sts": _aws_account,
    "openai": _mail_account,
    "huggingface": _mail_account,
}


def account_of(planted: Planted) -> Account:
    """Return the account that a planted credential's issuer names: its owner's, or nobody's."""
    if planted.owner:
        return _BY_VENDOR[planted.vendor](planted.owner)
    number = _number(planted.account)
    if planted.vendor == "slack":
        return Account(f"U0{number}", planted.account, bot=True)
    bot = planted.vendor in ("gitlab", "openai")
    return Account(str(number), planted.account, planted.account, bot=bot)
