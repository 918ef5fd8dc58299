"""The file is one that Prometheus reads, whole or not there, and it names nobody."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from correlate.errors import Unavailable
from correlate.metrics import Exceptions, Exposed, Metrics, Outlived
from correlate.stored import Lifespan
from correlate.survival import Quantile
from jobs.metrics import figures
from jobs.prometheus_file import text_of, write
from tests.correlate.cast import NOW
from tests.correlate.test_metrics import DAY, HELD, HOURS

LIVE = Outlived(NOW - 4 * DAY, Lifespan(NOW - DAY))
MADE = figures([LIVE], [HELD], [], None, 1, NOW, HOURS)
EMPTY = figures([], [], [], None, 0, NOW, HOURS)


def samples(made: Metrics) -> dict[str, float]:
    """Return each sample's value by its name and its one label's value."""
    found = {}
    for family in text_string_to_metric_families(text_of(made)):
        assert (family.type, bool(family.documentation)) == ("gauge", True)
        for one in family.samples:
            assert one.timestamp is None
            found[" ".join((one.name, *one.labels.values()))] = one.value
    return found


def test_each_figure_has_its_sample_in_base_units() -> None:
    took = replace(MADE.rejection, median=Quantile(2.0, 1.0, None))
    made = replace(MADE, rejection=took, exposed=Exposed(3.0, 4.0, 5.0))
    found = samples(made)
    assert found["offkey_leaver_credentials live"] == 1
    assert found["offkey_leaver_live_ratio"] == 1
    assert found["offkey_leave_to_rejection_seconds 0.5"] == 2 * 86400
    assert found["offkey_exposure_seconds at_most"] == 4 * 86400
    assert found["offkey_open_cases F1"] == 1
    assert found["offkey_open_cases F2"] == 0
    assert found["offkey_metrics_timestamp_seconds"] == NOW.timestamp()


@pytest.mark.parametrize(
    "name",
    ["offkey_leaver_live_ratio", "offkey_leave_to_rejection_seconds", "offkey_run_timestamp_seconds"],
)  # fmt: skip
def test_what_is_not_known_has_no_sample(name: str) -> None:
    assert not [key for key in samples(EMPTY) if key.startswith(name)]


def test_exceptions_have_a_sample_for_each_place_where_they_stand() -> None:
    found = samples(replace(MADE, exceptions=Exceptions(open=3, expired=1, void=2)))
    names = ("open", "expired", "void")
    assert [found[f"offkey_exceptions {name}"] for name in names] == [3, 1, 2]


def test_it_names_nobody_and_no_credential() -> None:
    text = text_of(MADE)
    for word in (HELD.person, HELD.fingerprint.digest[:8], HELD.key, HELD.credential_kind):
        assert f'"{word}"' not in text
        assert f" {word} " not in text
    assert HELD.fingerprint.digest[:8] not in text


def test_it_is_put_in_place_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "offkey.prom"
    write(EMPTY, target)
    before = target.read_text(encoding="utf-8")
    write(MADE, target)
    assert target.read_text(encoding="utf-8") == text_of(MADE) != before
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(Unavailable, match="nowhere"):
        write(MADE, tmp_path / "nowhere" / "offkey.prom")
    taken = tmp_path / "folder.prom"
    (taken / "held").mkdir(parents=True)
    with pytest.raises(Unavailable):
        write(MADE, taken)
    assert {path.name for path in tmp_path.iterdir()} == {"offkey.prom", "folder.prom"}
