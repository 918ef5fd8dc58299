from __future__ import annotations

import pytest

from detectors.engine import Engine
from jobs.kind_files import packaged_kinds


@pytest.fixture(scope="session")
def engine() -> Engine:
    return Engine(packaged_kinds())
