"""Asks AWS whose access key a pair is, or whose session a pair with its session token:
STS GetCallerIdentity, which needs no permission.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from connectors.answers import judge
from connectors.http import Call, Http, Reply, one_attempt
from connectors.once import Once, unasked
from connectors.sigv4 import signed
from correlate.errors import ConfigError, OffkeyError
from correlate.kind import Kind, Verification
from correlate.model import KindId, Liveness, LivenessState
from correlate.ports import Setup
from correlate.secret import Secret

_FORM = b"Action=GetCallerIdentity&Version=2011-06-15"
_KEYS = re.compile(
    r"(A[A-Z0-9]{3}[A-Z2-7]{16}):([A-Za-z0-9/+=]{16,128})(?::([A-Za-z0-9/+=]{16,4096}))?"
)
_ACCOUNT_BITS = 0x7FFFFFFFFF80  # of the first six bytes behind the prefix
_FIRST_DECODABLE = "Q"  # ids of the older style say nothing of the account
_ROOT = re.compile(rb"(?:<\?xml[^>]*>\s*)?<(ErrorResponse|GetCallerIdentityResponse)[ >]")
_XML = frozenset({"text/xml", "application/xml"})
_TAG = re.compile(rb"<(Arn|UserId|Account|Code)>([^<>]{1,2048})</\1>")
# keys of one partition are unknown in the others; "aws" asks the host that the kind pins
# https://docs.aws.amazon.com/general/latest/gr/sts.html
_ELSEWHERE = {
    "aws-us-gov": ("https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    "aws-cn": ("https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
}
_HOME = "aws"
# Accounts that public tools list as those of canarytokens.org; touching their keys rings a bell.
_CANARY_ACCOUNTS = (
    "052310077262",
    "171436882533",
    "266735846894",
    "534261010715",
    "595918472158",
    "717712589309",
    "730335385048",
    "819147034852",
    "992382622183",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """`accounts` limits the question to the organisation's own accounts (empty: all).

    Keys of `canary_accounts` and `own_canary_accounts` are never used. `partitions` are those in
    which the organisation has accounts, of "aws", "aws-us-gov" and "aws-cn": a key is dead when
    all of them reject it. `hosts` may name another base URL for a partition (a VPC endpoint),
    `region` is that of "aws".
    """

    accounts: tuple[str, ...] = ()
    canary_accounts: tuple[str, ...] = _CANARY_ACCOUNTS
    own_canary_accounts: tuple[str, ...] = ()
    partitions: tuple[str, ...] = (_HOME,)
    region: str = "us-east-1"
    hosts: Mapping[str, str] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> AwsIssuer:
    """Return the issuer for all kinds in force that are verified through STS.

    Raises ConfigError for a partition that is none.
    """
    for name in settings.partitions or ("",):
        if name != _HOME and name not in _ELSEWHERE:
            raise ConfigError(
                "No such partition of AWS", where=f"issuers {setup.name}", why=f"partitions has {name!r}",
                fix=f"name some of {', '.join((_HOME, *_ELSEWHERE))}",
            )  # fmt: skip
    return AwsIssuer(setup.name, setup.kinds, settings, Http(one_attempt(settings, 64 * 1024)))


class AwsIssuer:
    """Signs one harmless question with the key. Never raises; each failure is an answer."""

    def __init__(
        self,
        name: str,
        kinds: tuple[Kind, ...],
        settings: Settings,
        http: Http,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self._rules = {
            kind.id: kind.verification
            for kind in kinds
            if kind.verification and kind.verification.via == "aws_sts"
        }
        self.kinds = frozenset(self._rules)
        self._settings, self._http, self._wall = settings, http, wall
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return what STS says of "id:secret" or "id:secret:session token", or why it was not asked."""
        if kind not in self._rules:
            return unasked(now)
        rule = self._rules[kind]
        keys = _KEYS.fullmatch(secret.reveal())
        if keys is None:
            why = "the text is not an access key id with its secret"
            return Liveness(LivenessState.UNKNOWN, now, why)
        reason = self._no_go(account_of(keys[1]))
        if reason:
            return Liveness(LivenessState.SKIPPED, now, reason)
        return self._once.ask(kind, secret, now, lambda: self._everywhere(rule, secret, now))

    def _no_go(self, account: str) -> str:
        known = self._settings
        if account and account in known.canary_accounts + known.own_canary_accounts:
            return "canary: a decoy's key is never used"
        if known.accounts and account not in known.accounts:
            return "policy: the key's account is not one of ours"
        return ""

    def _everywhere(self, rule: Verification, secret: Secret, now: datetime) -> Liveness:
        answers = []
        for name in self._settings.partitions:
            host, region = _ELSEWHERE.get(name, (rule.host, self._settings.region))
            base = self._settings.hosts.get(name, host).rstrip("/")
            answers.append(self._verify(rule, base, region, secret, now))
            if answers[-1].state.usable:
                return answers[-1]
        alive = (one for one in answers if one.state is not LivenessState.DEAD)
        return next(alive, answers[0])

    def _verify(
        self, rule: Verification, base: str, region: str, secret: Secret, now: datetime
    ) -> Liveness:
        answer = self._ask(rule, base, region, secret, now)
        if answer.status == 403 and answer.state is not LivenessState.RATE_LIMITED:  # noqa: PLR2004
            # a key that was just signed for wrongly is refused for some seconds though it is good
            answer = self._ask(rule, base, region, secret, now)
        return answer

    def _ask(
        self, rule: Verification, base: str, region: str, secret: Secret, now: datetime
    ) -> Liveness:
        host = urlsplit(base).hostname or ""
        asked = Liveness(LivenessState.UNKNOWN, now, "", host=host, method="POST GetCallerIdentity")
        key_id, key, *rest = secret.reveal().split(":")
        session = {"X-Amz-Security-Token": Secret(rest[0])} if rest else {}
        call = Call(
            "POST",
            base + "/",
            {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
            session,
            body=_FORM,
        )
        call = signed(call, key_id, Secret(key), region, "sts", self._wall())
        try:
            reply = self._http.send(call)
        except OffkeyError as error:
            return replace(asked, reason=f"{error.what}: {error.why}")
        answer = judge(rule, flat(reply), secret, now)
        return replace(answer, host=asked.host, method=asked.method)


def account_of(key_id: str) -> str:
    """Return the account that an access key id names, empty where its style does not tell.

    Found by public research, and confirmed by STS GetAccessKeyInfo: 40 bits behind the
    prefix, one bit in. No question is asked of anybody.
    """
    body = key_id[4:]
    if len(body) != 16 or body[0] < _FIRST_DECODABLE:  # noqa: PLR2004
        return ""
    try:
        head = base64.b32decode(body)[:6]
    except binascii.Error:
        return ""
    return f"{(int.from_bytes(head, 'big') & _ACCOUNT_BITS) >> 7:012d}"


def flat(reply: Reply) -> Reply:
    """Return STS's XML as a flat JSON object of the few elements that matter: of an error its
    code, of an answer who was asked about.

    No XML parser sees it: nothing can be expanded, nested or fetched. Known by its root
    element, opened and closed; anything else, or what does not call itself XML, comes back
    without its body.
    """
    body = reply.body.strip()
    root = _ROOT.match(body) if reply.content_type in _XML else None
    if root is None or not body.endswith(b"</" + root[1] + b">"):
        return Reply(reply.status, reply.headers, b"")
    found = {
        tag.decode(): html.unescape(text.decode("utf-8", "replace"))
        for tag, text in _TAG.findall(body)
        if (tag == b"Code") == (root[1] == b"ErrorResponse")
    }
    headers = dict(reply.headers) | {"content-type": "application/json"}
    return Reply(reply.status, headers, json.dumps(found).encode())
