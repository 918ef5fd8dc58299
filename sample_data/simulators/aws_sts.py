"""AWS STS GetCallerIdentity, which needs no permission, only a true signature.

docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html. An unknown or
inactive key id is InvalidClientTokenId, a wrong secret SignatureDoesNotMatch, both 403 XML.
A pair's plaintext in the world is "id:secret".
"""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sample_data.simulators.messages import Request, Response
from sample_data.simulators.plan import IssuedToken, Status
from sample_data.simulators.routing import Route, Service
from sample_data.simulators.sigv4 import claimed, holds
from sample_data.simulators.world import World, wall_clock

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_SKEW = timedelta(minutes=15)


def _xml(status: int, inner: str) -> Response:
    return Response(status, inner.encode(), "text/xml", (("x-amzn-RequestId", _REQUEST_ID),))


def _error(code: str, message: str, status: int = 403) -> Response:
    said = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
    inner = f"<Error>{said}</Error><RequestId>{_REQUEST_ID}</RequestId>"
    return _xml(status, f'<ErrorResponse xmlns="{_NAMESPACE}">{inner}</ErrorResponse>')


def _by_key_id(world: World, key_id: str) -> IssuedToken | None:
    for token in world.tokens:
        if token.vendor == "aws_sts" and token.secret.partition(":")[0] == key_id:
            return token
    return None


def _skewed(request: Request) -> bool:
    try:
        at = datetime.strptime(request.headers.get("x-amz-date", ""), "%Y%m%dT%H%M%S%z")
    except ValueError:
        return True
    # signers use the machine's clock, whatever time a test lets it be for offkey
    return abs(wall_clock() - at) > _SKEW


def _identity(world: World, request: Request) -> Response:
    form = parse_qs(request.body.decode("utf-8", "replace"))
    action = form.get("Action", [request.first("Action")])[0]
    if action != "GetCallerIdentity":
        return _error("InvalidAction", f"Could not find operation {action}", 400)
    signature = claimed(request)
    if signature is None:
        return _error("MissingAuthenticationToken", "Request is missing Authentication Token")
    found = _by_key_id(world, signature.key_id)
    token = world.token("aws_sts", found.secret if found else signature.key_id)
    if token is None or token.status in (Status.REVOKED, Status.SUSPENDED):
        words = "The security token included in the request is invalid."
        return _error("InvalidClientTokenId", words)
    if token.status is Status.THROTTLED:
        return _error("Throttling", "Rate exceeded", 400)
    if _skewed(request):
        return _error("RequestExpired", "Request has expired", 400)
    if not holds(request, signature, token.secret.partition(":")[2]):
        words = "The request signature we calculated does not match the signature you provided."
        return _error("SignatureDoesNotMatch", words)
    if token.status is Status.EXPIRED:
        return _error("ExpiredToken", "The security token included in the request is expired")
    return _said(token)


def _said(token: IssuedToken) -> Response:
    account = "000011112222"
    who = token.account
    arn = f"arn:aws:iam::{account}:user/{who.login}"
    inner = f"<Arn>{arn}</Arn><UserId>{who.id}</UserId><Account>{account}</Account>"
    result = f"<GetCallerIdentityResult>{inner}</GetCallerIdentityResult>"
    meta = f"<ResponseMetadata><RequestId>{_REQUEST_ID}</RequestId></ResponseMetadata>"
    name = "GetCallerIdentityResponse"
    return _xml(200, f'<{name} xmlns="{_NAMESPACE}">{result}{meta}</{name}>')


def _missing(_world: World, _request: Request) -> Response:
    return _error("InvalidAction", "Could not find operation", 404)


SERVICE = Service(
    "aws_sts",
    (Route("POST", "/", _identity), Route("GET", "/", _identity)),
    missing=_missing,
)
