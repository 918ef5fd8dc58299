from __future__ import annotations

import pytest

from correlate.kind import Kind
from jobs.kind_files import packaged_kinds


@pytest.fixture(scope="session")
def kinds() -> dict[str, Kind]:
    return {kind.id: kind for kind in packaged_kinds()}
