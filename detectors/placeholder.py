"""Which texts only look like credentials: examples, placeholders, references to a variable."""

from __future__ import annotations

import math
import re
from collections import Counter
from urllib.parse import unquote

# Words that stand in documentation where a secret would stand. Each counts anywhere in a
# password, but only as a marked-off word in a token, where chance spells short words.
_STAND_IN = re.compile(
    r"""(?xi)
    (?:^|[^a-z]) (?: example | placeholder | dummy | sample | redacted | changeme | change[_-]me
        | replace[_-]?me | your[_-]\w* | insert[_-]\w* | fake[_-]\w* | fake | fixme | todo ) (?:[^a-z]|$)
    | (?-i:EXAMPLE) | not[_-]?a[_-]?real | do[_-]?not[_-]?use
    """
)
_ONE_CHARACTER = re.compile(r"([^\s])\1{7,}")
_STAIRS = (
    "0123456789abcdefghijklmnopqrstuvwxyz",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "12345678901234567890",
    "9876543210",
    "qwertyuiop",
)
_STEPS = 10
_STEPS_IN_A_ROW = frozenset(
    stairs[i : i + _STEPS] for stairs in _STAIRS for i in range(len(stairs) - _STEPS + 1)
)
_REFERENCE = re.compile(
    r"""(?x)
    \$\{? \w | \$\( | \{\{ | \}\} | ^%[sr]$ | %\(\w | %\{ | ^\{\w*[^}]*\}$ | <[^>]*> | ^\[.*\]$
    | \*{3} | \.{3} | x{4} | X{4} | ^env[.:(] | os\.environ | process\.env | getenv
    """
)
_WEAK_WORDS = """
    password passwd pass pwd passw0rd p@ssw0rd p@ssword pass123 password1 password12 password123
    secret secrets secret123 mysecret mypassword mypass my-password my_password my-secret-pw
    token key apikey admin admin1 admin123 administrator root123 root toor guest user username test tests testing test123
    tester testpass testpassword demo default postgres postgresql mysql mariadb mongo mongodb
    redis rabbitmq rabbit amqp docker django rails app dev local localhost hunter2 foo bar baz
    foobar qux quux abc abcd abc123 abcdef 123 1234 12345 123456 1234567 12345678 123456789
    1234567890 none null nil true false undefined empty string str value changeit change secure
    strong supersecret topsecret s3cr3t s3cret letmein qwerty monkey welcome myuser pw p x
    thepassword somepassword yourpassword your_password dbpass db_pass dbpassword scott tiger
"""
_WEAK = frozenset(_WEAK_WORDS.split())
_SHORTEST_PASSWORD = 6
_USERINFO = re.compile(r"^[a-z0-9+.\-]+://([^:@/]*):(.*)@([^@/?#]*)", re.IGNORECASE)
_NO_HOST = re.compile(
    r"(?i)^(?:host(?:name)?|server|example|.*\.example|(?:.*\.)?example\.(?:com|org|net)|.*[<{$].*)"
    r"(?::.*)?$"
)


def entropy(text: str) -> float:
    """Return the Shannon entropy of the characters, in bits each."""
    total = len(text)
    return -sum(n / total * math.log2(n / total) for n in Counter(text).values()) if total else 0.0


def is_reference(text: str) -> bool:
    """Whether the text names where a secret comes from (a variable, a template) instead of it."""
    return _REFERENCE.search(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether the text was never a credential: an example, a mask, a stair of characters."""
    login = _USERINFO.match(text)
    if login is not None:
        return _is_placeholder_login(*login.groups())
    if _ONE_CHARACTER.search(text) or _STAND_IN.search(text):
        return True
    return has_stairs(text)


def password_of(url: str) -> str:
    """Return the password in a URL, unescaped, "" where there is none."""
    login = _USERINFO.match(url)
    return unquote(login[2]) if login else ""


def is_weak_word(text: str) -> bool:
    """Whether a password is one of those that tutorials and local set-ups use."""
    return text.lower().strip("!.-_[](){}*'") in _WEAK


def has_stairs(text: str) -> bool:
    """Whether ten characters in a row count or spell the alphabet."""
    low = text.lower()
    return any(low[i : i + _STEPS] in _STEPS_IN_A_ROW for i in range(len(low) - _STEPS + 1))


def _is_placeholder_login(user: str, written: str, host: str) -> bool:
    password = unquote(written)
    return (
        len(password) < _SHORTEST_PASSWORD
        or is_reference(password)
        or is_reference(host)
        or is_weak_word(password)
        or has_stairs(password)
        or password.lower() == user.lower()
        or _ONE_CHARACTER.search(password) is not None
        or _STAND_IN.search(password) is not None
        or _NO_HOST.match(host) is not None
    )
