"""AWS Signature Version 4, recomputed from a request as it came.

docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html: hash the
canonical request, derive the day's key from the secret, compare.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from sample_data.simulators.messages import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/]+)/(?P<scope>[^,]+),\s*"
    r"SignedHeaders=(?P<headers>[^,]+),\s*Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What an Authorization header claims. `scope` is day/region/service/aws4_request."""

    key_id: str
    scope: str
    headers: tuple[str, ...]
    signature: str


def claimed(request: Request) -> Signature | None:
    """Return the request's signature, None when it has none that can be read."""
    match = _HEADER.fullmatch(request.headers.get("authorization", "").strip())
    if match is None:
        return None
    headers = tuple(match["headers"].split(";"))
    return Signature(match["key"], match["scope"], headers, match["signature"])


def holds(request: Request, signature: Signature, secret: str) -> bool:
    """Say whether the request was signed with this secret access key."""
    expected = _sign(request, signature, secret)
    return hmac.compare_digest(expected, signature.signature)


def _sign(request: Request, signature: Signature, secret: str) -> str:
    hashed = hashlib.sha256(_canonical(request, signature).encode()).hexdigest()
    at = request.headers.get("x-amz-date", "")
    to_sign = f"AWS4-HMAC-SHA256\n{at}\n{signature.scope}\n{hashed}"
    key = ("AWS4" + secret).encode()
    for part in signature.scope.split("/"):
        key = _hmac(key, part)
    return _hmac(key, to_sign).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _canonical(request: Request, signature: Signature) -> str:
    pairs = parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
    encoded = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in pairs)
    query = "&".join(f"{k}={v}" for k, v in encoded)
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signature.headers
    )
    payload = hashlib.sha256(request.body).hexdigest()
    path = request.path or "/"
    lines = (request.method, path, query, headers, ";".join(signature.headers), payload)
    return "\n".join(lines)
