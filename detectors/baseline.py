"""detect-secrets' `.secrets.baseline`: what somebody looked at before, and what they decided.

https://github.com/Yelp/detect-secrets#auditing-secrets-in-baseline: it keeps the SHA-1 of each
secret, and `is_secret` once a person has audited it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from correlate.errors import ConfigError

NO_SECRET = "audited as no secret in .secrets.baseline"  # noqa: S105  # a sentence
NOT_AUDITED = "in .secrets.baseline, not audited"
A_SECRET = "audited as a secret in .secrets.baseline"  # noqa: S105  # a sentence
MOST = 64 << 20  # characters of a file
_SHA1 = 40


@dataclass(frozen=True, slots=True)
class Baseline:
    """The verdict on each known hash of a secret."""

    verdicts: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, secret: str) -> str:
        """Return NO_SECRET, NOT_AUDITED or A_SECRET, or nothing for a secret that is not in it.

        Only NO_SECRET says that the secret needs no attention.
        """
        digest = hashlib.sha1(secret.encode(), usedforsecurity=False).hexdigest()
        return self.verdicts.get(digest, "")


def parse(text: str, where: str = ".secrets.baseline") -> Baseline:
    """Return the baseline. Of entries with one hash, the one that asks for most attention counts.

    Raises ConfigError for a text that is too large or no baseline; `where` names it.
    """
    if len(text) > MOST:
        raise _wrong(where, f"it has more than {MOST} characters")
    try:
        top = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(where, f"it is not JSON: {type(error).__name__}") from None
    if not isinstance(top, dict) or not isinstance(top.get("results"), dict):
        raise _wrong(where, "it has no table `results`")
    return _of(_entries(top["results"], where))


def joined(baselines: Iterable[Baseline]) -> Baseline:
    """Return one baseline of all."""
    return _of(entry for baseline in baselines for entry in baseline.verdicts.items())


_ATTENTION = ("", NO_SECRET, NOT_AUDITED, A_SECRET)


def _of(entries: Iterable[tuple[str, str]]) -> Baseline:
    verdicts: dict[str, str] = {}
    for digest, verdict in entries:
        verdicts[digest] = max(verdicts.get(digest, ""), verdict, key=_ATTENTION.index)
    return Baseline(verdicts)


def _entries(results: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    for items in results.values():
        if not isinstance(items, list):
            raise _wrong(where, "the entries of a file are not a list")
        for item in items:
            digest = item.get("hashed_secret") if isinstance(item, dict) else None
            if not isinstance(digest, str) or len(digest) != _SHA1:
                raise _wrong(where, "an entry has no SHA-1 under `hashed_secret`")
            audited = item.get("is_secret")
            if audited is not None and not isinstance(audited, bool):
                raise _wrong(where, "an entry's `is_secret` is neither true nor false")
            verdict = NOT_AUDITED if audited is None else A_SECRET if audited else NO_SECRET
            yield digest.lower(), verdict


def _wrong(where: str, why: str) -> ConfigError:
    return ConfigError(
        "a baseline of detect-secrets cannot be used",
        where=where,
        why=why,
        fix="write it again with `detect-secrets scan`, or take it out of [kinds] baselines",
    )
