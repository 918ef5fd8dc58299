from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from connectors.http import Call
from connectors.shared_key import VERSION, signed
from correlate.secret import Secret

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
KEY = base64.b64encode(bytes(range(64))).decode()


@pytest.mark.parametrize(
    ("base", "place"),
    [("https://acme.blob.core.windows.net", "/acme/"), ("http://127.0.0.1:1/acme", "/acme/acme/")],
)
def test_the_text_is_the_one_that_azure_documents(base: str, place: str) -> None:
    call, text = signed(Call("GET", f"{base}/?maxresults=1&comp=list"), "acme", Secret(KEY), AT)
    assert text == (
        "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Sun, 01 Mar 2026 08:00:00 GMT\n"
        f"x-ms-version:{VERSION}\n{place}\ncomp:list\nmaxresults:1"
    )
    mark = base64.b64encode(hmac.new(bytes(range(64)), text.encode(), hashlib.sha256).digest())
    assert call.secrets["Authorization"].reveal() == f"SharedKey acme:{mark.decode()}"
    assert call.headers["x-ms-date"] == "Sun, 01 Mar 2026 08:00:00 GMT"


def test_the_key_is_in_no_part_of_the_call() -> None:
    call, text = signed(Call("GET", "https://acme.example/"), "acme", Secret(KEY), AT)
    assert KEY not in repr(call) + text + call.secrets["Authorization"].reveal()


@pytest.mark.parametrize("key", ["not base64!", "a"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)base64|padding"):
        signed(Call("GET", "https://acme.example/"), "acme", Secret(key), AT)
