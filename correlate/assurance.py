"""How sure we are of what is said of a credential, and what may be said of a whole period.

Words are never stronger than what was seen: what no issuer answered on is not known, and where too much
was not examined nothing is said of what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from correlate.model import Liveness, LivenessState
from correlate.verdict import Case, CaseState

PROOFS = 2  # spaced rejections that close a case
FEWEST = (
    0.95  # of what was planned has to be examined whole before more is said than what was found
)


class Assurance(StrEnum):
    """On what a statement about a credential rests, the strongest first."""

    OBSERVED = "observed"  # the issuer's own answer
    ATTESTED = "attested"  # a person's word that it is dealt with; no issuer bears it out
    WAIVED = "waived"  # a person accepted the risk for a time
    ACKNOWLEDGED = "acknowledged"  # somebody was told by a ticket; nothing more
    UNKNOWN = "unknown"


def assurance(answer: Liveness | None, case: Case | None, *, ticketed: bool) -> Assurance:
    """Return on what rests what is said of a credential whose last definite answer is `answer`."""
    if case is not None and case.state is CaseState.WAIVED:
        return Assurance.WAIVED
    if answer is not None and (answer.state.usable or answer.state is LivenessState.DEAD):
        return Assurance.OBSERVED
    if case is not None and case.state is CaseState.CLOSED:
        proven = len(case.rejections) >= PROOFS
        return Assurance.OBSERVED if proven else Assurance.ATTESTED
    return Assurance.ACKNOWLEDGED if ticketed else Assurance.UNKNOWN


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of leavers' credentials in a period, and how much was examined.

    `planned` counts the parts (containers, feeds) of all runs, `whole` those that were examined whole.
    """

    leavers: int
    live: int
    rejected: int
    unknown: int
    planned: int
    whole: int

    @property
    def covered(self) -> float | None:
        """The share that was examined whole; None: nothing was planned."""
        return self.whole / self.planned if self.planned else None


def conclusion(tally: Tally, fewest: float = FEWEST) -> str:
    """Return what may be said of the period, in sentences."""
    seen = (
        f"People who left: {tally.leavers}. Of the credentials that they owned or knew, and that offkey "
        f"knows of, live: {tally.live}; rejected by their issuers: {tally.rejected}; not known: "
        f"{tally.unknown}."
    )
    return f"{seen} {_limits(tally, fewest)}"


def _limits(tally: Tally, fewest: float) -> str:
    covered = tally.covered
    if covered is None:
        return "Nothing was examined in this period, so nothing is known of what else there is."
    share = f"{tally.whole} of {tally.planned} parts ({covered:.1%}) were examined whole"
    if covered < fewest:
        return (
            f"Only {share}, fewer than {fewest:.0%}: nothing can be said of credentials that are not "
            "listed here."
        )
    if tally.live or tally.unknown:
        return f"{share}."
    return f"{share}; in those, no credential of a leaver is known to be live."
