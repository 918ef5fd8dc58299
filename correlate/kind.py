"""All that is known about one sort of credential, as data. Parsed from TOML by `detectors.catalogue`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from correlate.model import KindId, LivenessState, Truth


class Grade(StrEnum):
    """How much a match means."""

    ISSUER = "issuer"  # an issuer could still honour it
    GENERIC = "generic"  # a password or key of no known issuer; never opens a leaver's ticket


@dataclass(frozen=True, slots=True)
class Answer:
    """What one sort of answer means. The first Answer whose every condition holds decides.

    `statuses` empty means any status. `body` maps a place (a JSON pointer or "header:NAME") to
    the text it must hold; "*" asks only that it is there and not null, "null" that it is null.
    `contains` is looked for in the raw body. An Answer may say DEAD only for the issuer's
    authoritative rejection of this very kind.
    """

    state: LivenessState
    reason: str
    statuses: tuple[int, ...] = ()
    body: Mapping[str, str] = field(default_factory=dict)
    contains: str = ""


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """Where an answer names an account: `system` of the Identity, `at` a JSON pointer or "header:NAME".

    `pattern`, when given, is a regular expression with one group applied to the value
    (an AWS ARN's user name).
    """

    system: str
    at: str
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Verification:
    """How to ask the issuer, by reading only, whether a credential is alive.

    `via` is "http" for the declared call below, or the name of a code verifier ("aws_sts").

    `host` is pinned here ("https://api.github.com"); the configuration may name the
    organisation's own in its place, under `service` (or the issuer's name where that is empty),
    a leak never can. `self_hosted` says that organisations run installations of their own, whose
    credentials look alike: without a `host` only a configured one is asked, with one its rejection
    is proof only where the configuration names it. A host may hold "{region}", of which `regions`
    is the closed list: `region_at`, a regular expression with one group, reads it from the secret;
    without it each region is asked, and only the rejection by all of them is death.

    `auth` says how the secret goes along. `{id}` and `{secret}` stand for the halves of a pair,
    `{secret}` for the whole of a lone secret:
    "bearer"; "header:NAME"; "header:NAME:PREFIX", or "header:NAME:TEXT" with `{secret}` in it;
    "headers:NAME:NAME" for a pair's id and secret;
    "basic:TEXT" for the text before its base64 ("basic:{id}:{secret}", "basic:{secret}:");
    "basic-password", which is "basic:{id}:{secret}" for a pair, else "basic::{secret}";
    "query:NAME"; "path" where `path` itself holds `{secret}`; "form" where `body` does;
    "url" where the secret is an address: its path goes to the host, and begins with `path`.
    `path` may always name a pair's public `{id}`.

    Fields that hold a place in the answer are JSON pointers or "header:NAME".
    """

    via: str
    host: str
    source: str  # the vendor's page that documents the call
    service: str = ""
    self_hosted: bool = False
    regions: tuple[str, ...] = ()
    region_at: str = ""
    method: str = "GET"
    path: str = "/"
    auth: str = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answers: tuple[Answer, ...] = ()
    identities: tuple[IdentityRule, ...] = ()
    owner_name: str = ""
    owner_is_person: Truth = Truth.UNKNOWN
    scopes: str = ""
    created_at: str = ""
    expires_at: str = ""
    last_used_at: str = ""
    proof_gap_seconds: int = 600  # two rejections this far apart prove death


class Effect(StrEnum):
    """What an issuer's reply to a revocation says happened. The proof is its next rejection."""

    DONE = "done"
    GONE = "already gone"
    REFUSED = "refused"
    UNCLEAR = "unclear"  # no reply, or one that is declared nowhere: it may have happened


THIS_ONE = "this credential"


@dataclass(frozen=True, slots=True)
class RevocationAnswer:
    """What one sort of reply to a revocation means; its conditions are those of an `Answer`."""

    effect: Effect
    reason: str
    statuses: tuple[int, ...] = ()
    body: Mapping[str, str] = field(default_factory=dict)
    contains: str = ""


@dataclass(frozen=True, slots=True)
class Revocation:
    """The one call by which a credential revokes itself, and nothing else.

    It goes to the host that the kind's Verification names and no other. `auth` says how the
    secret goes along, as there, or is "json" where `body` is JSON that holds `{secret}` once.
    `revokes` is "this credential": a call that ends more is refused (`detectors.revocation_check`).
    `breaks` tells in words what is known to stop with it.
    """

    source: str  # the vendor's page that documents the call
    path: str
    method: str = "DELETE"
    auth: str = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    answers: tuple[RevocationAnswer, ...] = ()
    revokes: str = THIS_ONE
    breaks: str = ""


@dataclass(frozen=True, slots=True)
class Survival:
    """What happens to the credential when its person's account is disabled, as its issuer says.

    "survives": neither the identity provider's decision nor the end of the person's account at the
    issuer ends it, or the former alone does not. "dies": it ends with that account or membership,
    which `note` names; where nobody disables that one, the identity provider's decision changes
    nothing. "blocked": it is refused meanwhile and works again with the account. "unknown": no page
    was found that says so, or (`note`) one that says that it differs between credentials that look
    alike.
    """

    when_disabled: str
    note: str = ""  # a sentence for tickets, true by itself
    source: str = ""
    as_of: str = ""  # ISO date of the statement


@dataclass(frozen=True, slots=True)
class Allowance:
    """Texts that a rule pack declares harmless, looked for in `target`: "secret", "match" or "line".

    One holds when any of `patterns` (regular expressions) or `words` (literals, whatever their
    case) is found; with `all_of`, when both a pattern and a word are, as far as each is given.
    """

    target: str = "secret"
    patterns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    all_of: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of credential.

    `pattern` is a bytes regular expression whose first group is the secret. `anchors`
    are literals of which each match holds at least one. `checksum` names a function of
    `detectors.checksums`; a failed one rejects only when `checksum_certain`. A kind with
    a `partner` pattern is a pair: id matched by `pattern`, secret by `partner`, joined
    when at most `partner_within` bytes apart; its canonical secret is "id:secret". A
    GENERIC kind may name the detect-secrets `plugin` that confirms a candidate line. `form`
    names what the token is built of beyond its pattern (`detectors.forms`). `example` is a
    template for `detectors.mint`, never a real-looking token; `near_misses` are templates of
    texts that look like one and are none. Matches of the kinds in `covers` that stand inside a
    match are part of it. With `gives_way` (as with every kind that is found by a name before it)
    what is known is the place, and a token there that tells its own kind takes its place. `screen`
    is a cheaper pattern that matches within each match of `pattern`, where that begins with
    nothing that tells it from other texts.

    A rule of somebody else's `pack` names that pack: it gives way to our own kinds, and comes
    with `allowances` and a `drop_if` expression (`detectors.packs`). Its secret is the group
    `secret_group`; 0: the first group that is not empty, else the whole match.
    """

    id: KindId
    issuer: str
    name: str
    pattern: str
    anchors: tuple[str, ...]
    source: str
    example: str
    grade: Grade = Grade.ISSUER
    checksum: str = ""
    checksum_certain: bool = False
    entropy_min: float = 0.0
    partner: str = ""
    partner_within: int = 0
    plugin: str = ""
    form: str = ""
    near_misses: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    gives_way: bool = False
    screen: str = ""
    pack: str = ""
    allowances: tuple[Allowance, ...] = ()
    drop_if: str = ""
    secret_group: int = 1
    verification: Verification | None = None
    survival: Survival = Survival("unknown")
    revocation: Revocation | None = None
    revoke_hint: str = ""  # where a person revokes it, in words
