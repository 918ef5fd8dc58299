"""The settings that all personnel feeds have in common, and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from connectors.feed_guard import Limits
from connectors.feed_people import Personnel
from connectors.feed_rows import FIELDS, Reading
from correlate.errors import ConfigError
from correlate.model import Employment
from correlate.ports import Setup

STATUSES: Mapping[str, str] = {
    "active": "active",
    "on leave": "on_leave",
    "on_leave": "on_leave",
    "leave": "on_leave",
    "terminated": "left",
    "left": "left",
    "inactive": "left",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """`columns` names where the feed keeps each of our fields (empty: it has none), `identities`
    where a person's handle in a system stands, `statuses` what the feed's words mean (active,
    on_leave, left, unknown).

    `date_format` is how it writes a day (strptime); an ISO 8601 instant with its zone is read
    besides. A format that begins with the day or the month is believed when a date proves it, or
    when `trust_date_format` says that you compared. `default_zone` holds where a row names none.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    identities: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    list_separator: str = ";"
    date_format: str = "%Y-%m-%d"
    trust_date_format: bool = False
    default_zone: str = "UTC"
    min_rows: int = 1
    max_fall_percent: float = 20.0
    max_bad_rows_percent: float = 1.0
    expect_leavers: bool = True


def personnel(
    settings: FeedSettings,
    setup: Setup,
    columns: Mapping[str, str],
    identities: Mapping[str, str],
    statuses: Mapping[str, str] = STATUSES,
) -> Personnel:
    """Return what is known of the feed: `columns`, `identities` and `statuses` hold where the
    settings say nothing. Raises ConfigError for a mapping that cannot be meant.
    """
    where = f"people.{setup.name}"
    if not settings.list_separator:
        raise ConfigError(
            "a separator that is none", where=f"{where}.list_separator",
            why="it is empty", fix='for example ";"',
        )  # fmt: skip
    how = Reading(
        _columns(columns, where),
        identities,
        _statuses(settings.statuses or statuses, where),
        settings.list_separator,
        settings.date_format,
        _zone(settings.default_zone, where),
        settings.trust_date_format,
    )
    limits = Limits(
        settings.min_rows, settings.max_fall_percent, settings.max_bad_rows_percent,
        settings.expect_leavers,
    )  # fmt: skip
    return Personnel(setup.name, how, limits)


def _columns(columns: Mapping[str, str], where: str) -> Mapping[str, str]:
    unknown = sorted(set(columns) - set(FIELDS))
    dated = columns.get("status") or columns.get("ends") or columns.get("last_working_day")
    if unknown or not columns.get("worker_id") or not dated:
        raise ConfigError(
            "a mapping that cannot be meant", where=f"{where}.columns",
            why=f"unknown: {', '.join(unknown)}" if unknown
            else "it lacks worker_id, or all of status, ends and last_working_day",
            fix="known are " + ", ".join(FIELDS),
        )  # fmt: skip
    return columns


def _statuses(words: Mapping[str, str], where: str) -> Mapping[str, Employment]:
    try:
        return {word.casefold(): Employment(value) for word, value in words.items()}
    except ValueError:
        raise ConfigError(
            "an unknown standing", where=f"{where}.statuses", why="a value is none of ours",
            fix="use active, on_leave, left or unknown",
        ) from None  # fmt: skip


def _zone(name: str, where: str) -> str:
    try:
        return ZoneInfo(name).key
    except (OSError, ValueError, KeyError):
        raise ConfigError(
            "an unknown time zone", where=f"{where}.default_zone", why="the system knows no such zone",
            fix='a name of the IANA database, as in "Europe/Berlin"',
        ) from None  # fmt: skip
