"""Azure Storage's Shared Key signature for a GET without a body.

https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qsl, urlsplit

from connectors.http import Call
from correlate.secret import Secret

# the oldest that offers all that is asked here, so that private clouds know it too
VERSION = "2019-07-07"
_EMPTY_HEADERS = 11  # Content-Encoding to Range: a GET without a body and conditions has none


def signed(call: Call, account: str, key: Secret, at: datetime) -> tuple[Call, str]:
    """Return `call`, signed with the base64 `key` at the aware UTC instant `at`, and the text that was signed.

    The text holds nothing secret. Raises ValueError for a key that is not base64.
    """
    headers = {"x-ms-date": format_datetime(at, usegmt=True), "x-ms-version": VERSION}
    url = urlsplit(call.url)
    text = "\n".join(
        [
            call.method,
            *[""] * _EMPTY_HEADERS,
            *(f"{name}:{value}" for name, value in sorted(headers.items())),
            f"/{account}{url.path or '/'}",
            *(f"{name.lower()}:{value}" for name, value in sorted(parse_qsl(url.query))),
        ]
    )
    secret = base64.b64decode(key.reveal(), validate=True)
    mark = base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).decode()
    return (
        replace(
            call,
            headers={**call.headers, **headers},
            secrets={**call.secrets, "Authorization": Secret(f"SharedKey {account}:{mark}")},
        ),
        text,
    )
