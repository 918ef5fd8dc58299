"""Break-glass credentials, kept sealed for emergencies, which the policy lists by their fingerprints.

One is never to be revoked or cleaned up; whoever could use it is reviewed, and the safe changed, when
somebody with access leaves. It is held against a leaver who knew it as any other is.
https://learn.microsoft.com/entra/identity/role-based-access-control/security-emergency-access
"""

from __future__ import annotations

from collections.abc import Iterable

from correlate.decoys import listed as written_in
from correlate.listed import how_to_revoke
from correlate.policy import Credential

RESEAL = (
    "It is kept for emergencies: never revoke it. Two people together make a new one, prove that it "
    "works and seal it, and retire this one last."
)
REVIEW = (
    "Change what opens the safe, and look through the list of those who may use it. Source: "
    "https://learn.microsoft.com/entra/identity/role-based-access-control/security-emergency-access"
)


def by_hand(credential: Credential, break_glass: Iterable[str]) -> str:
    """Return what a person does to end a credential: as its issuer says, or for one of
    `break_glass`, how it is replaced; "" where nobody says how.
    """
    if written_in(break_glass, credential.fingerprint):
        return RESEAL
    return how_to_revoke(credential.kind, credential.listed)
