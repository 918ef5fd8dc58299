from __future__ import annotations

import pytest

from detectors.placeholder import (
    entropy,
    has_stairs,
    is_placeholder,
    is_reference,
    is_weak_word,
    password_of,
)

WORD = "Zx81kq" + "PmW2"  # apart, so that a scan of this repository finds nothing


@pytest.mark.parametrize(
    "text",
    [
        "tok_xxxxxxxxxxxxxxxxxxxx",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "tok_1234567890abcdef",
        "tok_your_token_here",
        "tok_REPLACE_ME_9f8a7b",
        "tok_<insert>_example_1",
        "postgres://user:password@localhost/db",
        "postgres://app:$DB_PASSWORD@db/prod",
        "postgres://app:${PW}@db/prod",
        "postgres://app:{{ pw }}@db/prod",
        "postgres://app:%(pw)s@db/prod",
        "mysql://root:root@127.0.0.1/x",
        "mysql://acme:acme@db.internal/x",
        "amqp://app:p%40ssword@mq.internal/x",
        "redis://[:password]@localhost:6379/0",
        "redis://:***@cache/0",
        "redis://:abc@cache/0",
        "mongodb://u:" + WORD + "@example.com/x",
        "mongodb://u:" + WORD + "@host/x",
    ],
)
def test_what_was_never_a_credential_is_told(text: str) -> None:
    assert is_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        "tok_9fQ2mXv7Lr4Tb8Wz",
        "postgres://app:" + WORD + "@db-7.internal.corp/prod",
        "redis://:" + WORD + "@cache.internal:6379/0",
        "mysql://app:" + WORD + "@localhost/prod",
    ],
)
def test_what_may_be_one_is_kept(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize("text", ["$PW", "${PW}", "{{pw}}", "<pw>", "%s", "os.environ['PW']"])
def test_a_reference_names_its_secret(text: str) -> None:
    assert is_reference(text)


def test_small_measures() -> None:
    assert entropy("") == 0
    assert entropy("aaaa") == 0
    assert entropy("ab") == 1
    assert is_weak_word("Password!")
    assert has_stairs("xxABCDEFGHIJKL")
    assert not has_stairs("abcdefghi_j")


def test_a_urls_password_is_unescaped() -> None:
    assert password_of("x://user:a%40b@host/p") == "a@b"
    assert password_of("x://host/p") == password_of("a:b@c") == ""
