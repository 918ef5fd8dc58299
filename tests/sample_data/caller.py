from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from sample_data.simulators.server import Endpoints


@dataclass(frozen=True, slots=True)
class Caller:
    """Asks one vendor at a time, as its clients would."""

    session: requests.Session
    endpoints: Endpoints

    def __call__(self, method: str, vendor: str, path: str, **more: Any) -> requests.Response:
        more.setdefault("timeout", 10)
        return self.session.request(method, self.endpoints[vendor] + path, **more)
