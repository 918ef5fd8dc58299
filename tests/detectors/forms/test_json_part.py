from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from detectors.forms.json_part import GRAFANA, SENTRY


def part(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def test_a_sentry_token_tells_its_organisation_and_region() -> None:
    text = f"sntrys_{part({'iat': 86400.5, 'url': 'u', 'region_url': 'https://us.x', 'org': 'acme'})}_x"
    assert SENTRY.facts(text) == {
        "organisation": "acme",
        "region": "https://us.x",
        "created_at": "1970-01-02T00:00:00.500000+00:00",
    }


def test_a_grafana_token_tells_its_organisation_and_never_its_key() -> None:
    text = f"glc_{part({'o': '12', 'n': 'ci', 'k': 'the key', 'm': {'r': 'eu'}})}"
    assert GRAFANA.facts(text) == {"organisation": "12", "name": "ci", "region": "eu"}


@pytest.mark.parametrize(
    "text", ["", "glc", "glc_!", f"glc_{part([1])}", f"glc_{part({'m': 1, 'iat': 1e300})}"]
)
def test_what_holds_no_such_part_tells_nothing(text: str) -> None:
    assert GRAFANA.facts(text) == {}
    assert SENTRY.facts(text) == {}
