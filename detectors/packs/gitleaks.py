"""Rule packs of Gitleaks and Betterleaks.

https://github.com/gitleaks/gitleaks#configuration and https://github.com/betterleaks/betterleaks:
a candidate is dropped when its entropy is not above the rule's, when an allow-list of the rule or
of the whole pack holds, or when a filter says so. Paths and commits are not known while objects
are scanned: what rests on them alone is not applied, and remarked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from correlate.kind import Allowance, Kind
from detectors.packs.dialect import Flavour
from detectors.packs.expr import NotUnderstood, parse
from detectors.packs.expr_tokens import quoted
from detectors.packs.fields import Table, number_in, table_of, tables_in, text_in, texts_in
from detectors.packs.pack import (
    NotTaken,
    Pack,
    Refusal,
    Remark,
    above,
    allow_pattern,
    bounded,
    kind_id,
    pattern_of,
)

_PLACE = "its condition on paths or commits is not applied"
_ALONE = "it is taken without the other rules that it requires nearby"
_GLOBAL = "the pack's own condition on paths or commits is not applied"
_EXTENDS = "the configuration that it extends is not read: name that as a pack too"
_ASKS = "its questions to issuers are not asked: only our own kinds say whom to ask"


@dataclass(frozen=True, slots=True)
class _Common:
    """What holds for every rule of the pack; `targeted` are allow-lists for some rules only."""

    pack: str
    source: str
    allowances: tuple[Allowance, ...] = ()
    drops: tuple[str, ...] = ()
    targeted: tuple[Table, ...] = ()


def is_pack(top: Table) -> bool:
    """Whether the parsed file is of this family."""
    return isinstance(top.get("rules"), list) or "extend" in top


def read(top: Table, name: str, source: str) -> Pack:
    """Return the rules of a parsed file, each taken or with the reason why not."""
    common, remarks = _common(top, name, source)
    kinds: list[Kind] = []
    refused: list[Refusal] = []
    rules = top["rules"] if isinstance(top.get("rules"), list) else []
    for number, rule in enumerate(rules, 1):
        label = f"rule {number}"
        try:
            label = bounded(table_of(rule).get("id") or label)
            kind, told = _taken(rule, label, common)
        except NotTaken as error:
            refused.append(Refusal(label, str(error)))
        else:
            kinds.append(kind)
            remarks += [Remark(label, text) for text in told]
    if any(isinstance(rule, dict) and "validate" in rule for rule in rules):
        remarks.append(Remark("", _ASKS))
    return Pack(name, tuple(kinds), tuple(refused), tuple(remarks))


def _common(top: Table, name: str, source: str) -> tuple[_Common, list[Remark]]:
    common, told = _Common(name, source), []
    try:
        lists = [*tables_in(top, "allowlist"), *tables_in(top, "allowlists")]
        targeted = tuple(item for item in lists if texts_in(item, "targetRules"))
        found = _allowed([item for item in lists if item not in targeted])
        common = replace(common, allowances=found.allowances, drops=found.drops, targeted=targeted)
        told += [_GLOBAL if text == _PLACE else text for text in found.remarks]
        drops = _filter(top, told)
        common = replace(common, drops=common.drops + drops)
    except NotTaken as error:
        told.append(f"what holds for the whole pack is not applied: {error}")
    if top.get("prefilter"):
        told.append(_GLOBAL)
    if "extend" in top:
        told.append(_EXTENDS)
    return common, [Remark("", text) for text in dict.fromkeys(told)]


def _taken(rule: Table, label: str, common: _Common) -> tuple[Kind, list[str]]:
    regex = text_in(rule, "regex")
    if not regex:
        raise NotTaken("it looks for file names only" if rule.get("path") else "it has no regex")
    if rule.get("skipReport"):
        raise NotTaken("it only helps other rules")
    if rule.get("tokenEfficiency"):
        raise NotTaken("its filter needs a language model's tokens (tokenEfficiency)")
    made = pattern_of(regex, Flavour.GO)
    group = int(number_in(rule, "secretGroup"))
    if group > len(made.groups):
        raise NotTaken("its secretGroup names a group that it has not")
    ours = [item for item in common.targeted if label in texts_in(item, "targetRules")]
    found = _allowed([*tables_in(rule, "allowlist"), *tables_in(rule, "allowlists"), *ours])
    told = list(found.remarks)
    drops = (*common.drops, *found.drops, *_filter(rule, told))
    kind = Kind(
        id=kind_id(common.pack, label),
        issuer=common.pack,
        name=bounded(rule.get("description") or label),
        pattern=made.pattern,
        anchors=tuple(word.lower() for word in texts_in(rule, "keywords") if word),
        source=common.source,
        example="",
        entropy_min=above(number_in(rule, "entropy")),
        pack=common.pack,
        allowances=common.allowances + found.allowances,
        drop_if="\n|| ".join(f"({part}\n)" for part in drops),
        secret_group=group,
    )
    return kind, [*told, *_not_applied(rule)]


def _not_applied(rule: Table) -> Iterator[str]:
    if rule.get("path"):
        yield _PLACE
    if rule.get("required"):
        yield _ALONE


def _filter(table: Table, told: list[str]) -> tuple[str, ...]:
    """The table's filter, if it has one, told when it asks for a path. Raises NotTaken."""
    text = text_in(table, "filter").strip()
    if not text:
        return ()
    try:
        if parse(text).asks_place:
            told.append(_PLACE)
    except NotUnderstood as error:
        raise NotTaken(str(error)) from None
    return (text,)


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What allow-lists come to; `drops` are those that only an expression can say."""

    allowances: tuple[Allowance, ...]
    drops: tuple[str, ...]
    remarks: tuple[str, ...]


def _allowed(lists: Sequence[Table]) -> _Allowed:
    allowances: list[Allowance] = []
    drops: list[str] = []
    told: list[str] = []
    for item in lists:
        _add(item, allowances, drops, told)
    return _Allowed(tuple(allowances), tuple(drops), tuple(dict.fromkeys(told)))


def _add(item: Table, allowances: list[Allowance], drops: list[str], told: list[str]) -> None:
    """Add one allow-list: its patterns look at its target, its words always at the secret."""
    target = text_in(item, "regexTarget") or "secret"
    every = text_in(item, "condition").upper() in ("AND", "&&")
    regexes, words = texts_in(item, "regexes"), texts_in(item, "stopwords")
    if target not in ("secret", "match", "line"):
        raise NotTaken("an allow-list looks at something unknown")
    if item.get("paths") or item.get("commits"):
        told.append(_PLACE)
        if every:
            return  # it holds only together with what is not known
    patterns = tuple(filter(None, (allow_pattern(regex, told) for regex in regexes)))
    if len(patterns) < len(regexes) and every:
        return
    if every and target != "secret" and patterns and words:
        drops.append(
            f"matchesAny(finding[{quoted(target)}], {_listed(regexes)})"
            f' && containsAny(finding["secret"], {_listed(word.lower() for word in words)})'
        )
    elif target == "secret" and (patterns or words):
        allowances.append(Allowance(target, patterns, words, every))
    else:
        allowances += [Allowance(target, patterns)] * bool(patterns)
        allowances += [Allowance("secret", (), words)] * bool(words)


def _listed(texts: Iterator[str] | Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"
