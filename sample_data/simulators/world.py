"""All that the simulated vendors remember, and the levers that tests and the demo pull."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sample_data.simulators.faults import Fault, Faults
from sample_data.simulators.incidents import Incidents
from sample_data.simulators.issues import Issues
from sample_data.simulators.plan import IssuedToken, Plan, Status

VENDORS = (
    "github",
    "gitlab",
    "slack",
    "aws_sts",
    "npm",
    "openai",
    "anthropic",
    "huggingface",
    "jira",
    "jira_dc",
    "servicenow",
)


def wall_clock() -> datetime:
    """Return the machine's time. Vendors have clocks of their own; tests pass another."""
    return datetime.now(UTC)


class World:
    """The state behind all simulators of one company. Every method may be called from any thread.

    `requests` and `creates` count per vendor; `asked` counts per token label how often a
    vendor was asked about it; `strangers` counts per vendor the credentials that were
    presented and that it never issued.
    """

    def __init__(self, plan: Plan, now: Callable[[], datetime] = wall_clock) -> None:
        self.plan = plan
        self.now = now
        self.lock = threading.RLock()
        self.requests: Counter[str] = Counter()
        self.creates: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.strangers: Counter[str] = Counter()
        self.log: list[tuple[str, str, str, int]] = []
        self.jira = Issues(plan.jira_project, plan.logins.jira_email, now, rich_text=True)
        self.jira_dc = Issues(plan.jira_project, plan.logins.jira_email, now, rich_text=False)
        self.servicenow = Incidents(plan.assignment_groups, plan.logins.servicenow_user, now)
        self._tokens = {token.label: token for token in plan.tokens}
        self._faults: defaultdict[str, Faults] = defaultdict(Faults)

    @property
    def tokens(self) -> tuple[IssuedToken, ...]:
        """Every token with its status as it stands now."""
        with self.lock:
            return tuple(self._tokens.values())

    def token(self, vendor: str, secret: str) -> IssuedToken | None:
        """Return the token that `vendor` issued with this plaintext, and count the question."""
        with self.lock:
            for token in self._tokens.values():
                if token.vendor == vendor and token.secret == secret:
                    self.asked[token.label] += 1
                    return token
            if secret:
                self.strangers[vendor] += 1
            return None

    def set_status(self, label: str, status: Status) -> None:
        """Let the issuer treat a token differently from now on; raises KeyError for no such label."""
        with self.lock:
            self._tokens[label] = replace(self._tokens[label], status=status)

    def revoke(self, label: str) -> None:
        """Let the issuer reject a token from now on."""
        self.set_status(label, Status.REVOKED)

    def restore(self, label: str) -> None:
        """Let the issuer accept a token (again)."""
        self.set_status(label, Status.LIVE)

    def resolve_ticket(
        self, key: str, resolution: str = "Done", by: str = "alex.agent", system: str = ""
    ) -> None:
        """Let a person close a ticket, by its key, number or id.

        `system` ("jira", "jira_dc", "servicenow") is needed only where several have the
        key. ServiceNow takes `resolution` as the close code. Raises KeyError for no ticket.
        """
        with self.lock:
            for name, site in (("jira", self.jira), ("jira_dc", self.jira_dc)):
                issue = site.find(key) if system in ("", name) else None
                if issue is not None:
                    site.resolve(issue, resolution, by)
                    return
            self.servicenow.resolve(key, resolution, by)

    def fault(
        self,
        vendor: str,
        kind: str,
        *,
        times: int = 1,
        method: str = "",
        path: str = "",
        status: int = 503,
        retry_after: str = "",
        seconds: float = 0.0,
        skip: int = 0,
    ) -> None:
        """Put a fault in force for one vendor; the words are those of `Fault`."""
        if vendor not in VENDORS:
            raise ValueError(f"no such vendor: {vendor}")
        fault = Fault(kind, times, method, path, status, retry_after, seconds, skip)
        with self.lock:
            self._faults[vendor].add(fault)

    def clear_faults(self) -> None:
        """End all faults of all vendors."""
        with self.lock:
            self._faults.clear()

    def take_fault(self, vendor: str, method: str, target: str) -> Fault | None:
        """Return the fault that befalls this request, and count it off."""
        with self.lock:
            return self._faults[vendor].take(method, target)

    def record(self, vendor: str, method: str, target: str, status: int, *, created: bool) -> None:
        """Count a request that a vendor has served."""
        with self.lock:
            self.requests[vendor] += 1
            self.creates[vendor] += created
            self.log.append((vendor, method, target, status))
