"""The on-demand job's second half: look at one person's places, lists and issuers as they are now."""

from __future__ import annotations

from datetime import datetime

from correlate.model import PersonId
from correlate.ports_store import Store
from jobs.asking import verify_step
from jobs.inventory import inventory_step
from jobs.judge import judge_all
from jobs.leaver import tied
from jobs.progress import Progress
from jobs.scan import rescan_places
from jobs.wiring import Wiring


def look_again(
    wiring: Wiring, store: Store, who: PersonId, now: datetime, progress: Progress
) -> bool:
    """Read issuers' lists, scan what is new in the person's places, ask about all that is tied to
    them, and judge. Returns whether every list and place could be read whole.
    """
    kinds = {kind.id: kind for kind in wiring.kinds}
    progress.stage("reading issuers' lists")
    lists = inventory_step(wiring, store, now)
    whole = rescan_places(wiring, store, who, now, progress) and lists.complete
    verify_step(wiring, store, kinds, now, progress, tied(store, kinds, {who}, now))
    judge_all(store, kinds, now, wiring.config.policy.proof_gap_seconds)
    return whole
