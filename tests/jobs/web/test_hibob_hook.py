from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from correlate.errors import ConfigError
from correlate.secret import Secret
from jobs.web.delivery import Rejected
from jobs.web.hibob_hook import Settings, connect
from tests.jobs.web.signing import handed, new_key

KEY = new_key()
HOOK = connect("bob", Settings(KEY), "push[1]")
BODY = b'{"companyId": 1, "type": "employee.left", "employee": {"id": "7"}}'


def signed(body: bytes, how: str = "sha512") -> dict[str, str]:
    made = hmac.new(KEY.reveal().encode(), body, getattr(hashlib, how)).digest()
    return {"Bob-Signature": base64.b64encode(made).decode()}


def test_a_signed_event_is_taken_and_known_by_its_signature() -> None:
    one, two = HOOK.check(handed(signed(BODY), BODY)), HOOK.check(handed(signed(b"{}"), b"{}"))
    assert one.events == ("employee.left",)
    assert one.id != two.id


@pytest.mark.parametrize(
    "headers", [{}, {"Bob-Signature": ""}, signed(b"{}"), signed(BODY, "sha256"), {"Bob-Signature": "ä"}]
)  # fmt: skip
def test_another_is_not(headers: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        HOOK.check(handed(headers, BODY))


def test_no_secret_is_refused() -> None:
    with pytest.raises(ConfigError):
        connect("bob", Settings(Secret("")), "push[1]")
    assert HOOK.challenge({}) is None
