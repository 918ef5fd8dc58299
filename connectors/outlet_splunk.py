"""Sends notices to Splunk's HTTP Event Collector, many in one call.

https://help.splunk.com/en/splunk-enterprise/get-started/get-data-in/9.4/get-data-with-http-event-collector
Its "Success" says that events were accepted, not that they were indexed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from connectors.http import Call, Http, Reply, policy_of
from connectors.posting import read
from correlate.announce import left_for_later, payload
from correlate.errors import AuthError, OffkeyError
from correlate.notice import Notice, Outcome, Receipt
from correlate.ports import Setup
from correlate.secret import Secret

_PATH = "/services/collector/event"
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """`base_url` is the collector's, port 8088 as a rule. Without `index` the token's own is used.
    Without `show_person` nobody is named.
    """

    base_url: str
    token: Secret
    index: str = ""
    source: str = "offkey"
    sourcetype: str = "offkey:case"
    show_person: bool = False
    internal_hosts: tuple[str, ...] = ()
    proxy: str = ""
    ca_file: Path | None = None
    timeout_s: float = 20.0


def connect(settings: Settings, setup: Setup) -> SplunkOutlet:
    """Return the outlet."""
    return SplunkOutlet(setup.name, settings, Http(policy_of(settings)))


@dataclass(frozen=True, slots=True)
class SplunkOutlet:
    """One collector."""

    name: str
    settings: Settings
    http: Http

    def send(self, notices: Sequence[Notice]) -> Sequence[Receipt]:
        """Send the notices in batches, each one an event with the notice's own id."""
        made: list[Receipt] = []
        for start in range(0, len(notices), _BATCH):
            batch = notices[start : start + _BATCH]
            made += self._batch(batch, first=not made)
            if made[-1].outcome is Outcome.SENDING:
                return made + left_for_later(notices[start + _BATCH :])
        return made

    def _batch(self, batch: Sequence[Notice], *, first: bool) -> list[Receipt]:
        try:
            reply = self.http.send(self._call(batch))
            whole = read("", self.name, reply, first=first)
        except AuthError:
            raise
        except OffkeyError as error:
            return [Receipt(one.id, Outcome.SENDING, error.why) for one in batch]
        if whole.outcome is Outcome.REFUSED and (bad := _invalid(reply, len(batch))) is not None:
            # whether those before it were taken is not said alike everywhere: they are sent again
            return [
                Receipt(one.id, Outcome.REFUSED, "it calls the event invalid")
                if number == bad
                else Receipt(one.id, Outcome.SENDING, "another event of its batch was invalid")
                for number, one in enumerate(batch)
            ]
        return [Receipt(one.id, whole.outcome, whole.reason) for one in batch]

    def _call(self, batch: Sequence[Notice]) -> Call:
        body = "\n".join(json.dumps(self._event(one)) for one in batch).encode()
        headers = {"Content-Type": "application/json"}
        token = Secret(f"Splunk {self.settings.token.reveal()}")
        url = self.settings.base_url.rstrip("/") + _PATH
        return Call("POST", url, headers, {"Authorization": token}, body)

    def _event(self, notice: Notice) -> dict[str, object]:
        shown = notice if self.settings.show_person else notice.told_to_all()
        index = {"index": self.settings.index} if self.settings.index else {}
        return {
            "time": notice.at.timestamp(),
            "source": self.settings.source,
            "sourcetype": self.settings.sourcetype,
            **index,
            "event": payload(shown),
        }


def _invalid(reply: Reply, count: int) -> int | None:
    """Return which event of a batch is named as invalid."""
    if reply.status != HTTPStatus.BAD_REQUEST:
        return None
    try:
        said = json.loads(reply.body)
    except ValueError:
        return None
    number = said.get("invalid-event-number") if isinstance(said, dict) else None
    fits = isinstance(number, int) and not isinstance(number, bool) and 0 <= number < count
    return number if fits else None
