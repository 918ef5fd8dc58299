"""Asks Azure Storage whether an account's key, or a shared access signature, is still good: it lists one container.

Off until `accounts` names the storage accounts that are ours. An account's name comes from the
credential, its domain from a closed list or the configuration. A wrong key and a wrongly built
signature are refused in the same words, so a key is dead only where the service says that it
signed the very same text as we did, and came to another signature.
https://learn.microsoft.com/en-us/rest/api/storageservices/list-containers2
https://learn.microsoft.com/en-us/rest/api/storageservices/common-rest-api-error-codes
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

from connectors.http import Call, Http, Reply, one_attempt
from connectors.instants import instant
from connectors.once import Once, unasked
from connectors.shared_key import VERSION, signed
from correlate.errors import OffkeyError
from correlate.kind import Kind
from correlate.model import Identity, KindId, Liveness, LivenessState, Truth
from correlate.ports import Setup
from correlate.secret import Secret

_PUBLIC = "core.windows.net"
# https://learn.microsoft.com/en-us/azure/azure-government/compare-azure-government-global-azure
# https://learn.microsoft.com/en-us/azure/china/resources-developer-guide
_DOMAINS = frozenset({_PUBLIC, "core.usgovcloudapi.net", "core.chinacloudapi.cn"})
_QUESTION = "comp=list&maxresults=1"
_METHOD = "GET /?comp=list"
_PAIR = re.compile(r"([a-z0-9]{3,24})\.([a-z0-9.:-]{3,253}):([0-9A-Za-z+/]{86}==)")
# the parameters that an account's or a service's signature may have: none of them asks for anything
# https://learn.microsoft.com/en-us/rest/api/storageservices/create-account-sas and create-service-sas
_SIGNATURE = re.compile(
    "s[vsrtpei]|srt|sip|spr|sig|sk[tesv]|skoid|sktid|saoid|suoid|scid|sdd|ses|rsc[cdelt]|snapshot"
)
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,9}(?:<\?xml[^>]{0,200}>\s{0,9})?<(\w{1,40})[ >]")
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_DETAIL = re.compile(
    r"<AuthenticationErrorDetail>(.{1,4000}?)</AuthenticationErrorDetail>", re.DOTALL
)
# unverified: the words stand in no reference, only in users' reports of it, as in
# https://github.com/Azure/azure-sdk-for-net/issues/4078, https://github.com/microsoft/AzureStorageExplorer/issues/3219
_OTHER_KEY = "is not the same as any computed signature"
_EXPIRED = "Signature not valid in the specified time frame"
_CLOCKS_DIFFER = timedelta(minutes=15)
_MEANINGS = {
    "AccountIsDisabled": (LivenessState.SUSPENDED, "the storage account is disabled"),
    "KeyBasedAuthenticationNotPermitted": (
        LivenessState.SUSPENDED,
        "the storage account takes no keys now",
    ),
    "ServerBusy": (LivenessState.RATE_LIMITED, "Azure Storage asks us to wait"),
    "AuthorizationFailure": (
        LivenessState.UNKNOWN,
        "the account's firewall, or another rule of it, does not let us ask",
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """`accounts` are the storage accounts that may be asked: "name", or "name.DOMAIN" outside
    core.windows.net; "*" stands for whatever account a key names; empty, none is asked.

    `hosts` names for a domain the base URL below which its accounts stand as paths (Azure Stack,
    an emulator); other domains than Azure's own are asked only there.
    """

    accounts: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=dict)
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 10.0
    spacing_s: float = 0.2


def connect(settings: Settings, setup: Setup) -> AzureIssuer:
    """Return the issuer for all kinds in force that Azure Storage takes."""
    return AzureIssuer(setup.name, setup.kinds, settings, Http(one_attempt(settings, 64 * 1024)))


class AzureIssuer:
    """One harmless read, signed with the key. Never raises; each failure is an answer."""

    def __init__(
        self,
        name: str,
        kinds: tuple[Kind, ...],
        settings: Settings,
        http: Http,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = name
        self.kinds = frozenset(
            kind.id
            for kind in kinds
            if kind.verification and kind.verification.via == "azure_storage"
        )
        self._settings, self._http, self._wall = settings, http, wall
        self._any = "*" in settings.accounts
        self._ours = frozenset(_place(entry) for entry in settings.accounts if entry != "*")
        self._once = Once()

    def verify(self, kind: KindId, secret: Secret, now: datetime) -> Liveness:
        """Return what Azure Storage says of "ACCOUNT.DOMAIN:KEY" or of a signature's parameters."""
        if kind not in self.kinds:
            return unasked(now)
        return self._once.ask(kind, secret, now, lambda: self._verify(secret, now))

    def _verify(self, secret: Secret, now: datetime) -> Liveness:
        unknown = Liveness(LivenessState.UNKNOWN, now, "")
        text = secret.reveal()
        if "sig=" in text:
            return self._signature(unknown, text)
        pair = _PAIR.fullmatch(text)
        if pair is not None:
            return self._key(unknown, pair[1], pair[2], Secret(pair[3]))
        if re.fullmatch(_PAIR.pattern.rpartition(":")[2], text):
            why = "a key alone does not name its account"
            return replace(unknown, state=LivenessState.NOT_VERIFIABLE, reason=why)
        return replace(unknown, reason="the text is neither an account's key nor a signature")

    def _key(self, unknown: Liveness, account: str, domain: str, key: Secret) -> Liveness:
        base, why = self._base(account, domain)
        if why:
            return replace(unknown, state=LivenessState.SKIPPED, reason=why)
        call = _call(base, _QUESTION)
        call, text = signed(call, account, key, self._wall())
        answer, reply = self._ask(unknown, call)
        if reply is None:
            return answer
        if _refuses_key(reply, text):
            why = "Azure Storage says that another key signs for the account"
            return replace(answer, state=LivenessState.DEAD, reason=why)
        if answer.state is LivenessState.LIVE:
            named = (Identity("azure-storage", account),)
            return replace(answer, identities=named, owner_is_person=Truth.NO)
        return answer

    def _signature(self, unknown: Liveness, text: str) -> Liveness:
        """Its text names no account: each that is listed is asked, until one takes it."""
        given = [part.partition("=")[::2] for part in text.split("&")]
        if not all(_SIGNATURE.fullmatch(name) for name, _ in given):
            return replace(unknown, reason="it holds parameters that are no part of a signature")
        ends = instant(dict(given).get("se", ""))
        over = ends is not None and ends + _CLOCKS_DIFFER < self._wall()
        if not over and "srt" not in dict(given):
            why = "it opens one part of an account, and its text names neither"
            return replace(unknown, state=LivenessState.NOT_VERIFIABLE, reason=why)
        why = "policy: no account is listed that could have signed it"
        answer = replace(unknown, state=LivenessState.SKIPPED, reason=why)
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given)
        for account, domain in sorted(self._ours):
            base, refused = self._base(account, domain)
            if refused:
                continue
            answer, reply = self._ask(unknown, _call(base, f"{_QUESTION}&{query}"))
            if answer.state is LivenessState.LIVE:
                named = (Identity("azure-storage", account),)
                return replace(answer, identities=named, expires_at=ends, owner_is_person=Truth.NO)
            if answer.state is LivenessState.RATE_LIMITED:
                return answer
            if over and reply is not None and _says_expired(reply):
                why = "Azure Storage says that its time is over"
                return replace(answer, state=LivenessState.DEAD, reason=why)
            # the account may be another's than the signature's
            told = "expired by its own word; " if over else ""
            answer = replace(answer, state=LivenessState.UNKNOWN, reason=told + answer.reason)
        return answer

    def _base(self, account: str, domain: str) -> tuple[str, str]:
        """Return the account's base URL, or why it is not asked."""
        if not self._any and (account, domain) not in self._ours:
            return "", "policy: the account is not one of those configured"
        if domain in self._settings.hosts:
            return f"{self._settings.hosts[domain].rstrip('/')}/{account}", ""
        if domain not in _DOMAINS:
            return "", "policy: its domain is none of Azure's, and `hosts` does not name it"
        return f"https://{account}.blob.{domain}", ""

    def _ask(self, unknown: Liveness, call: Call) -> tuple[Liveness, Reply | None]:
        asked = replace(unknown, host=urlsplit(call.url).hostname or "", method=_METHOD)
        try:
            reply = self._http.send(call)
        except OffkeyError as error:
            gone = " (the account may be gone)" if "does not resolve" in error.why else ""
            return replace(asked, reason=f"{error.what}: {error.why}{gone}"), None
        return _judged(replace(asked, status=reply.status), reply), reply


def _place(entry: str) -> tuple[str, str]:
    account, _, domain = entry.partition(".")
    return account, domain or _PUBLIC


def _call(base: str, query: str) -> Call:
    headers = {"Accept": "application/xml", "x-ms-version": VERSION}
    return Call("GET", f"{base}/?{query}", headers)


def _judged(asked: Liveness, reply: Reply) -> Liveness:
    """What the answer means whoever asked; never DEAD."""
    if reply.status == 200 and _root(reply) == "EnumerationResults":  # noqa: PLR2004
        why = "Azure Storage listed the account's containers"
        return replace(asked, state=LivenessState.LIVE, reason=why)
    code = _code(reply)
    if code in _MEANINGS:
        state, why = _MEANINGS[code]
        return replace(asked, state=state, reason=why)
    if reply.status == 429:  # noqa: PLR2004
        state, why = _MEANINGS["ServerBusy"]
        return replace(asked, state=state, reason=why)
    said = f" ({code})" if code else ""
    return replace(asked, reason=f"an answer of status {reply.status}{said} that decides nothing")


def _root(reply: Reply) -> str:
    """The answer's root element, where it is whole XML; no XML parser sees it."""
    found = _ROOT.match(reply.body) if reply.content_type.endswith("xml") else None
    name = found[1].decode() if found else ""
    return name if reply.body.rstrip().endswith(f"</{name}>".encode()) else ""


def _code(reply: Reply) -> str:
    """The error's code, which its header must not gainsay; only in answers that are errors."""
    if reply.status < 400 or _root(reply) != "Error":  # noqa: PLR2004
        return ""
    found = _CODE.search(reply.body.decode("utf-8", "replace"))
    code = found[1] if found else ""
    return code if reply.headers.get("x-ms-error-code", code) == code else ""


def _detail(reply: Reply) -> str:
    """Why the service could not authenticate us, empty where it does not say that it could not."""
    if reply.status != 403 or _code(reply) != "AuthenticationFailed":  # noqa: PLR2004
        return ""
    found = _DETAIL.search(reply.body.decode("utf-8", "replace"))
    return html.unescape(found[1]).replace("\r\n", "\n") if found else ""


def _refuses_key(reply: Reply, text: str) -> bool:
    """Whether the service signed the text that we signed, and came to another signature."""
    detail = _detail(reply)
    return _OTHER_KEY in detail and f"'{text}'" in detail


def _says_expired(reply: Reply) -> bool:
    return _detail(reply).startswith(_EXPIRED)
