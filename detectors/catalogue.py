"""From the TOML text of a kind file to Kinds. Reads no file: `jobs.kind_files` does.

A file holds `issuer` and `[[kinds]]`, whose keys are the fields of `correlate.kind.Kind`.
`verification`, `revocation` and `survival` are names of tables `[verifications.NAME]`,
`[revocations.NAME]` and `[survivals.NAME]` of the same file, so that several kinds can share one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import NamedTuple

from correlate.errors import ConfigError
from correlate.kind import (
    THIS_ONE,
    Answer,
    Effect,
    Grade,
    IdentityRule,
    Kind,
    Revocation,
    RevocationAnswer,
    Survival,
    Verification,
)
from correlate.model import KindId, LivenessState, Truth
from detectors.kind_check import problems
from detectors.pattern import anchors_of, token_pattern
from detectors.toml_table import Table

_DISABLED = ("survives", "dies", "blocked", "unknown")


def parse_kinds(text: str, where: str, *, proven: bool = False) -> tuple[Kind, ...]:
    """Return the kinds of one file, in its order. `where` names the file in errors.

    Raises ConfigError for an unknown key (naming the nearest known one), a wrong type, and
    for a kind that fails `detectors.kind_check`, which `proven` ones are not asked again.
    """
    try:
        top = Table(tomllib.loads(text), where)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            "a kind file is not TOML", where=where, why=str(error), fix="correct the file's syntax"
        ) from error
    issuer = top.text("issuer")
    verifications = {t.name: _verification(t) for t in top.tables_by_name("verifications")}
    revocations = {t.name: _revocation(t) for t in top.tables_by_name("revocations")}
    survivals = {t.name: _survival(t) for t in top.tables_by_name("survivals")}
    named = _Named(verifications, revocations, survivals)
    kinds = tuple(_kind(t, issuer, named) for t in top.tables("kinds"))
    top.finish()
    for kind in () if proven else kinds:
        for problem in problems(kind):
            raise ConfigError(
                "a kind is not usable",
                where=f"{where} {kind.id}",
                why=problem,
                fix="correct the file; `offkey kinds check FILE` tells whether it holds",
            )
    return kinds


class _Named(NamedTuple):
    """What the kinds of one file may share, by name."""

    verifications: Mapping[str, Verification]
    revocations: Mapping[str, Revocation]
    survivals: Mapping[str, Survival]


def _kind(table: Table, issuer: str, named: _Named) -> Kind:
    pattern, anchors = _look(table)
    kind = Kind(
        id=KindId(table.text("id")),
        issuer=issuer,
        name=table.text("name"),
        pattern=pattern,
        anchors=anchors,
        source=table.text("source"),
        example=table.text("example"),
        near_misses=table.texts("near_misses"),
        grade=table.member("grade", Grade, Grade.ISSUER),
        checksum=table.text("checksum", ""),
        checksum_certain=table.flag("checksum_certain", default=False),
        entropy_min=table.number("entropy_min", 0.0),
        partner=table.text("partner", ""),
        partner_within=int(table.number("partner_within", 0)),
        plugin=table.text("plugin", ""),
        form=table.text("form", ""),
        covers=table.texts("covers"),
        gives_way=table.flag("gives_way", default=False),
        screen=table.text("screen", ""),
        verification=table.named("verification", named.verifications, None),
        revocation=table.named("revocation", named.revocations, None),
        survival=table.named("survival", named.survivals, Survival("unknown")),
        revoke_hint=table.text("revoke_hint", ""),
    )
    table.finish()
    return kind


def _look(table: Table) -> tuple[str, tuple[str, ...]]:
    """The pattern and anchors, written out or made from `token`, `near` and `boundary`."""
    token, near = table.text("token", ""), table.texts("near")
    anchors, boundary = table.texts("anchors"), table.text("boundary", "_-")
    if not token:
        return table.text("pattern"), anchors
    return token_pattern(token, near, boundary), anchors or anchors_of(token, near)


def _verification(table: Table) -> Verification:
    rule = Verification(
        via=table.text("via", "http"),
        host=table.text("host", ""),
        source=table.text("source"),
        service=table.text("service", ""),
        self_hosted=table.flag("self_hosted", default=False),
        regions=table.texts("regions"),
        region_at=table.text("region_at", ""),
        method=table.text("method", "GET"),
        path=table.text("path", "/"),
        auth=table.text("auth", "bearer"),
        headers=table.text_map("headers"),
        body=table.text("body", ""),
        answers=tuple(_answer(t) for t in table.tables("answers")),
        identities=tuple(_identity(t) for t in table.tables("identities")),
        owner_name=table.text("owner_name", ""),
        owner_is_person=table.member("owner_is_person", Truth, Truth.UNKNOWN),
        scopes=table.text("scopes", ""),
        created_at=table.text("created_at", ""),
        expires_at=table.text("expires_at", ""),
        last_used_at=table.text("last_used_at", ""),
        proof_gap_seconds=int(table.number("proof_gap_seconds", 600)),
    )
    table.finish()
    return rule


def _answer(table: Table) -> Answer:
    answer = Answer(
        state=table.member("state", LivenessState, LivenessState.UNKNOWN),
        reason=table.text("reason"),
        statuses=table.integers("statuses"),
        body=table.text_map("body"),
        contains=table.text("contains", ""),
    )
    table.finish()
    return answer


def _revocation(table: Table) -> Revocation:
    rule = Revocation(
        source=table.text("source"),
        path=table.text("path"),
        method=table.text("method", "DELETE"),
        auth=table.text("auth", "bearer"),
        headers=table.text_map("headers"),
        body=table.text("body", ""),
        answers=tuple(_revocation_answer(t) for t in table.tables("answers")),
        revokes=table.text("revokes", THIS_ONE),
        breaks=table.text("breaks", ""),
    )
    table.finish()
    return rule


def _revocation_answer(table: Table) -> RevocationAnswer:
    answer = RevocationAnswer(
        effect=table.member("effect", Effect, Effect.UNCLEAR),
        reason=table.text("reason"),
        statuses=table.integers("statuses"),
        body=table.text_map("body"),
        contains=table.text("contains", ""),
    )
    table.finish()
    return answer


def _identity(table: Table) -> IdentityRule:
    rule = IdentityRule(table.text("system"), table.text("at"), table.text("pattern", ""))
    table.finish()
    return rule


def _survival(table: Table) -> Survival:
    survival = Survival(
        when_disabled=table.choice("when_disabled", _DISABLED),
        note=table.text("note", ""),
        source=table.text("source", ""),
        as_of=table.text("as_of", ""),
    )
    table.finish()
    return survival
