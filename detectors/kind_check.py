"""Whether a Kind keeps its own promises; `offkey kinds check` and loading both ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from correlate.kind import Kind, Verification
from detectors.call_check import call_problems
from detectors.checksums import CHECKSUMS
from detectors.confirm import is_credential
from detectors.forms.known import FORMS
from detectors.mint import mint, mint_near_misses
from detectors.revocation_check import revocation_problems

CODE_VERIFIERS = frozenset(
    {
        *("aws_sts", "azure_storage", "google_certificates", "jwt_jwks"),
        *("mongodb_login", "mysql_login", "postgres_login", "redis_login", "ssh_inventory"),
    }
)
# these judge in code, too, and ask whom the configuration names
SELF_JUDGING = CODE_VERIFIERS - {"aws_sts"}
# detect-secrets' plug-ins that `detectors.generic` knows, which takes long to import
PLUGIN_NAMES = frozenset({"azure_storage", "basic_auth", "ibm_cloud_iam", "keyword", "telegram"})
_ID = re.compile(r"[a-z][a-z0-9_]*")


def problems(kind: Kind) -> Iterator[str]:
    """Yield what is wrong with the kind, one plain sentence each; nothing when it holds."""
    if not _ID.fullmatch(kind.id):
        yield "its id is not lower-case letters, digits and underscores"
    if not kind.anchors:
        yield "it names no anchor"
    if kind.checksum and kind.checksum not in CHECKSUMS:
        yield f"it names an unknown checksum; known: {', '.join(CHECKSUMS)}"
        return
    if kind.form and kind.form not in FORMS:
        yield f"it names an unknown form; known: {', '.join(FORMS)}"
    if kind.plugin and kind.plugin not in PLUGIN_NAMES:
        yield f"it names an unknown plug-in; known: {', '.join(sorted(PLUGIN_NAMES))}"
    yield from _pattern_problems(kind)
    if kind.verification is not None:
        yield from _verification_problems(kind, kind.verification)
    if kind.revocation is not None:
        yield from revocation_problems(kind, kind.revocation)


def _pattern_problems(kind: Kind) -> Iterator[str]:
    try:
        pattern = re.compile(kind.pattern.encode())
        partner = re.compile(kind.partner.encode())
    except re.error as error:
        yield f"a pattern does not compile: {error}"
        return
    if pattern.groups < 1 or (kind.partner and partner.groups < 1):
        yield "a pattern has no group around the secret"
        return
    if kind.partner and not kind.partner_within:
        yield "a kind with a partner says within how many bytes it stands"
    try:
        minted = [mint(kind, str(seed)) for seed in range(8)]
    except ValueError as error:
        yield str(error)
        return
    yield from _example_problems(kind, pattern, partner, minted)
    yield from _near_miss_problems(kind, pattern)


def _example_problems(
    kind: Kind, pattern: re.Pattern[bytes], partner: re.Pattern[bytes], minted: list[str]
) -> Iterator[str]:
    for token in minted:
        if not any(anchor.lower() in token.lower() for anchor in kind.anchors):
            yield "its example holds none of its anchors"
            return
        found = pattern.search(token.encode())
        if found is None:
            yield "its pattern does not find its example"
            return
        if not kind.partner and not is_credential(kind, found[1].decode()):
            yield "its example is taken for no credential: entropy, checksum or placeholder"
            return
        if kind.partner and partner.search(token.encode(), found.end(1)) is None:
            yield "its partner pattern does not find its example's second half"
            return


def _near_miss_problems(kind: Kind, pattern: re.Pattern[bytes]) -> Iterator[str]:
    try:
        texts = [text for seed in range(4) for text in mint_near_misses(kind, str(seed))]
    except ValueError as error:
        yield str(error)
        return
    for text in texts:
        for found in pattern.finditer(text.encode()):
            if not kind.partner and is_credential(kind, found[1].decode()):
                yield f"it takes its near miss for a token: {text[:60]}"
                return


def _verification_problems(kind: Kind, rule: Verification) -> Iterator[str]:
    if rule.via in SELF_JUDGING:
        return
    if not rule.answers:
        yield "its verification says what no answer means"
    elif rule.via == "http":
        yield from call_problems(kind, rule)
    elif rule.via not in CODE_VERIFIERS:
        yield f"it is verified by an unknown verifier; known: {', '.join(CODE_VERIFIERS)}"
    elif not rule.host.startswith("https://"):
        yield "its verification host is not an https:// origin"
