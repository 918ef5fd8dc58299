"""The company's one AI project, and who could change it: what a right audit comes to."""

from __future__ import annotations

from typing import Any

NAME = "forecasts"
PLACES = ("repositories:forecasting", "gitlab-variables:data/*")

# By window, both days included: who could change it, and of whom it is not known.
# Maya started it in 2023, and has been a maintainer of its pipelines since 2024-09-02, like Yusuf by his
# group; Maya left on 2026-02-27. Lena committed to it once, in June 2026; as a developer she cannot see variables.
COULD: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("2024-01-01", "2024-03-31", (), ("100177",)),
    ("2024-10-01", "2024-12-31", ("100177", "100184"), ()),
    ("2026-04-01", "2026-06-30", ("100177", "100184", "100180"), ()),
)


def answers() -> list[dict[str, Any]]:
    """Return the same as the answer key has it."""
    return [
        {
            "project": NAME,
            "since": since,
            "until": until,
            "could": sorted(could),
            "not_known": sorted(dark),
        }
        for since, until, could, dark in COULD
    ]
