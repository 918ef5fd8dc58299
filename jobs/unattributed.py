"""Credentials that nobody is known to own: each is listed with why, and none is dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from correlate.attribution import NAMING
from correlate.decoys import is_decoy
from correlate.identity import Match, People, fold
from correlate.lookalike import looks_like
from correlate.model import Identity, Liveness, LivenessState, Truth
from correlate.policy import Credential
from correlate.verdict import Claim, Relation
from jobs.paths import paths_of
from jobs.report_rows import UnattributedRow


def unattributed(
    item: Credential, made: Iterable[Claim], strangers: Sequence[Identity], people: People
) -> Iterable[UnattributedRow]:
    """Yield the row of a credential of which no claim names an owner; none for one that is dead or
    a decoy. `strangers` put it somewhere and are nobody whom `people` know.
    """
    said = item.latest or item.liveness
    dead = said is not None and said.state is LivenessState.DEAD
    owned = any(one.relation is Relation.OWNS and one.strength >= NAMING for one in made)
    if owned or dead or is_decoy(item.latest):
        return
    told = item.liveness or item.latest
    named_by_issuer = told.identities if told is not None else ()
    yield UnattributedRow(
        item.fingerprint.short,
        item.kind.name,
        said.state.value if said is not None else "never asked",
        _why(told, people),
        tuple(map(named, dict.fromkeys([*named_by_issuer, *strangers]))),
        paths_of(item),
    )


def named(identity: Identity) -> str:
    """Return an identity in words, with what it is made to look like."""
    other = looks_like(fold(identity))
    return f"{identity} (made to look like {other}, and is not)" if other else str(identity)


def _why(said: Liveness | None, people: People) -> str:
    if said is None or not said.identities:
        return "no issuer has named its owner"
    if said.owner_is_person is Truth.NO:
        return "its issuer says that no person owns it"
    links = [people.who(identity, said.created_at) for identity in said.identities]
    if any(link.match is Match.BOT for link in links):
        return "its issuer names a machine"
    if any(link.among for link in links):
        return "its issuer names an account that several people share"
    if any(link.match is Match.AMBIGUOUS for link in links):
        return "its issuer names an account that several people held, and not when it was made"
    return "its issuer names an account that is nobody's whom we know"
