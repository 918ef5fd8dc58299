"""`.secrets.baseline`: what was audited before."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings
from hypothesis import given
from hypothesis import strategies as st

from correlate.errors import ConfigError
from detectors import baseline
from detectors.baseline import A_SECRET, NO_SECRET, NOT_AUDITED, Baseline, joined, parse


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def entry(secret: str, audited: bool | None = None) -> dict[str, Any]:
    known = {} if audited is None else {"is_secret": audited}
    return {"type": "Secret Keyword", "hashed_secret": sha1(secret), "line_number": 3, **known}


def written(*entries: dict[str, Any]) -> str:
    return json.dumps({"version": "1.5.0", "results": {"a.py": list(entries)}})


@pytest.mark.parametrize(
    ("audited", "verdict"), [(None, NOT_AUDITED), (False, NO_SECRET), (True, A_SECRET)]
)
def test_a_secret_has_the_verdict_of_its_audit(audited: bool | None, verdict: str) -> None:
    known = parse(written(entry("pw-1", audited)))
    assert known.verdict("pw-1") == verdict
    assert known.verdict("pw-2") == ""


def test_what_detect_secrets_writes_is_read(tmp_path: Path) -> None:
    secret = "x7f" + "Q9z" * 4
    (tmp_path / "a.py").write_text(f'password = "{secret}"\n')
    found = SecretsCollection()
    with transient_settings({"plugins_used": [{"name": "KeywordDetector"}]}):
        found.scan_file(str(tmp_path / "a.py"))
    assert parse(json.dumps({"results": found.json()})).verdict(secret) == NOT_AUDITED


AUDITS = st.lists(st.sampled_from([None, False, True]), max_size=6)


@given(AUDITS, AUDITS)
def test_only_if_every_audit_says_so_is_it_no_secret(
    first: list[bool | None], second: list[bool | None]
) -> None:
    known = joined(parse(written(*[entry("pw", a) for a in audits])) for audits in (first, second))
    audits = first + second
    assert (known.verdict("pw") == NO_SECRET) == (audits != [] and set(audits) == {False})
    assert (known.verdict("pw") == A_SECRET) == (True in audits)


def test_hashes_may_be_written_in_upper_case_and_nothing_is_known_at_first() -> None:
    upper = {**entry("pw", audited=False), "hashed_secret": sha1("pw").upper()}
    assert parse(written(upper)).verdict("pw") == NO_SECRET
    assert Baseline().verdict("pw") == joined([]).verdict("pw") == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no table `results`"),
        ("{}", "no table `results`"),
        ('{"results": []}', "no table `results`"),
        ('{"results": {"a": {}}}', "not a list"),
        ('{"results": {"a": [3]}}', "no SHA-1"),
        ('{"results": {"a": [{}]}}', "no SHA-1"),
        ('{"results": {"a": [{"hashed_secret": "abc"}]}}', "no SHA-1"),
        (written({**entry("a"), "is_secret": "no"}), "neither true nor false"),
    ],
)
def test_what_is_no_baseline_is_a_configuration_error(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "there")
    assert caught.value.where == "there"
    assert why in caught.value.why


def test_a_huge_baseline_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline, "MOST", 10)
    with pytest.raises(ConfigError, match="more than 10"):
        parse(written())
