from __future__ import annotations

import re
import subprocess
from pathlib import Path

from jobs import config as configuration
from jobs.rules import kinds_of, rules_of
from sample_data.simulators.crowd import ISSUERS, PORTS, _Issuer, configure, lay_out


def test_the_plan_is_the_same_for_the_same_seed_and_stands_in_the_repository(
    tmp_path: Path,
) -> None:
    states = lay_out(tmp_path / "a", 60)
    assert len(states) == 60
    assert set(states.values()) == {"live", "dead", "limited"}
    assert lay_out(tmp_path / "b", 60) == states
    words = ["git", f"--git-dir={tmp_path / 'a/repository.git'}", "grep", "-h", "TOKEN", "main"]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert set(found.replace("TOKEN=", "").split()) == set(states)


def test_its_configuration_and_its_kinds_can_be_read(tmp_path: Path) -> None:
    lay_out(tmp_path, 20)
    (tmp_path / PORTS).write_text('{"crowd00": 1}')
    config = configuration.load(configure(tmp_path, 0.5), {"CROWD_PEPPER": "x" * 40})
    ours = [
        kind
        for kind in kinds_of(rules_of(config), tmp_path)
        if re.fullmatch("crowd[0-9]+", kind.issuer)
    ]
    assert len(ours) == ISSUERS
    assert all(kind.verification for kind in ours)


def test_an_issuer_knows_its_tokens_and_stands_so_many_questions_a_second() -> None:
    issuer = _Issuer({"a": "live", "b": "limited"}, 1000)
    assert [issuer.answer(token)[0] for token in ("a", "b", "c")] == [200, 403, 401]
    assert issuer.asked == {"a": 1, "b": 1, "c": 1}
    strict = _Issuer({"a": "live"}, 0)
    assert strict.answer("a")[0] == 429
    assert (strict.refused, dict(strict.asked)) == (1, {})
