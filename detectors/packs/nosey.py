"""The YAML family: Nosey Parker, Kingfisher 1.x and Titus.

https://github.com/praetorian-inc/noseyparker/blob/main/docs/rules.md,
https://github.com/mongodb/kingfisher/blob/main/docs/RULES.md and
https://github.com/praetorian-inc/titus: a candidate is dropped when its entropy is not above
`min_entropy` or it lacks what `pattern_requirements` asks. Rules that only find what others need
(`visible: false`), or an identifier and no secret (by `categories` and name), are not taken.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from correlate.kind import Allowance, Kind
from detectors.packs.dialect import Flavour
from detectors.packs.expr_tokens import quoted
from detectors.packs.fields import Table, number_in, table_of, tables_in, text_in, texts_in
from detectors.packs.pack import (
    NotTaken,
    Pack,
    Refusal,
    Remark,
    above,
    bounded,
    kind_id,
    pattern_of,
)
from detectors.packs.secret_group import choose

_ASKS = "its questions to issuers are not asked: only our own kinds say whom to ask"
_IDENTIFIER = "the pack calls it an identifier"
# Kingfisher 1.x calls tokens of GitHub and others identifiers, which their names deny
_SECRET_NAME = re.compile(r"(?i)\b(?:token|secret|password|credentials?|key)\b")
_COUNTED = {
    "min_digits": "[0-9]",
    "min_uppercase": "[A-Z]",
    "min_lowercase": "[a-z]",
    "min_special_chars": "",
}
_OTHER_REQUIREMENTS = ("special_chars", "ignore_if_contains")


def is_pack(top: Table) -> bool:
    """Whether the parsed file is of this family."""
    rules = top.get("rules")
    return isinstance(rules, list) and any(isinstance(r, dict) and "pattern" in r for r in rules)


def read(top: Table, name: str, source: str) -> Pack:
    """Return the rules of a parsed file, each taken or with the reason why not."""
    kinds: list[Kind] = []
    refused: list[Refusal] = []
    remarks: list[Remark] = []
    for number, rule in enumerate(top["rules"], 1):
        label = f"rule {number} of {source}"
        try:
            label = bounded(table_of(rule).get("id") or label)
            kind, told = _taken(rule, label, name, source)
        except NotTaken as error:
            refused.append(Refusal(label, str(error)))
        else:
            kinds.append(kind)
            remarks += [Remark(label, text) for text in told]
            remarks += [Remark("", _ASKS)] * ("validation" in rule)
    return Pack(name, tuple(kinds), tuple(refused), tuple(dict.fromkeys(remarks)))


def _taken(rule: Table, label: str, pack: str, source: str) -> tuple[Kind, list[str]]:
    pattern = text_in(rule, "pattern")
    if not pattern:
        raise NotTaken("it has no pattern")
    if rule.get("visible") is False:
        raise NotTaken("it only helps other rules")
    name = bounded(rule.get("name") or label)
    categories = texts_in(rule, "categories")
    identifier = "identifier" in categories and "secret" not in categories
    if identifier and not _SECRET_NAME.search(name):
        raise NotTaken("it finds an identifier, which is no secret")
    made = pattern_of(pattern, Flavour.RUST)
    chosen = choose(made.pattern, made.groups)
    requirements = _requirements(rule)
    kind = Kind(
        id=kind_id(pack, label),
        issuer=pack,
        name=name,
        pattern=made.pattern,
        anchors=tuple(word.lower() for word in texts_in(rule, "keywords") if word),
        source=source,
        example="",
        entropy_min=above(number_in(rule, "min_entropy")),
        pack=pack,
        allowances=_ignored(requirements),
        drop_if=" || ".join(_lacking(requirements)),
        secret_group=chosen.group,
    )
    told = (chosen.remark, _IDENTIFIER if identifier else "")
    return kind, [text for text in told if text]


def _requirements(rule: Table) -> Table:
    found = tables_in(rule, "pattern_requirements")
    if len(found) > 1:
        raise NotTaken("its pattern_requirements is no table")
    requirements = found[0] if found else {}
    for key in requirements:
        if key not in _COUNTED and key not in _OTHER_REQUIREMENTS:
            raise NotTaken(f"it requires what is not known here: {bounded(key)[:40]}")
    return requirements


def _ignored(requirements: Table) -> tuple[Allowance, ...]:
    words = texts_in(requirements, "ignore_if_contains")
    return (Allowance("secret", (), words),) if words else ()


def _lacking(requirements: Table) -> Iterator[str]:
    """Expressions that drop a candidate with fewer characters of a class than required."""
    special = text_in(requirements, "special_chars") or string.punctuation
    for key, written in _COUNTED.items():
        least = int(number_in(requirements, key))
        of = written or f"[{re.escape(special)}]"
        if least > 1000:  # noqa: PLR2004  # RE2 counts no further
            raise NotTaken(f"its {key} is too large")
        if least:
            pattern = f"(?s)(?:{of}.*?){{{least}}}"
            yield f'!matchesAny(finding["secret"], [{quoted(pattern)}])'
