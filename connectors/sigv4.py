"""AWS Signature Version 4 for a POST without a query.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from connectors.http import Call
from correlate.secret import Secret

_ALGORITHM = "AWS4-HMAC-SHA256"


def signed(call: Call, key_id: str, key: Secret, region: str, service: str, at: datetime) -> Call:
    """Return `call` with the headers that prove possession of `key` at the instant `at`.

    All its headers are signed, its secret ones too. The path is taken as it is, and the call has
    no query.
    """
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    url = urlsplit(call.url)
    headers = {
        **{name.lower(): value for name, value in call.headers.items()},
        **{name.lower(): value.reveal() for name, value in call.secrets.items()},
        "host": url.netloc,
        "x-amz-date": stamp,
    }
    names = ";".join(sorted(headers))
    request = "\n".join(
        [
            call.method,
            url.path or "/",
            "",
            *(f"{name}:{headers[name].strip()}" for name in sorted(headers)),
            "",
            names,
            hashlib.sha256(call.body).hexdigest(),
        ]
    )
    text = "\n".join([_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    signature = hmac.new(_key(key, scope), text.encode(), hashlib.sha256).hexdigest()
    value = (
        f"{_ALGORITHM} Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return replace(
        call,
        headers={**call.headers, "X-Amz-Date": stamp},
        secrets={**call.secrets, "Authorization": Secret(value)},
    )


def _key(key: Secret, scope: str) -> bytes:
    made = ("AWS4" + key.reveal()).encode()
    for part in scope.split("/"):
        made = hmac.new(made, part.encode(), hashlib.sha256).digest()
    return made
