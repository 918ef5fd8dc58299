"""What needs a second person's approval: which case is meant, and who may approve."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from correlate.errors import ConfigError
from correlate.model import PersonId
from correlate.ports_store import Store, Transaction
from correlate.verdict import Case
from jobs.leaver import find_person


def case_named(tx: Transaction, sinks: Iterable[str], named: str) -> Case:
    """Return the one case whose key begins with `named`, or whose ticket it is. Raises ConfigError
    when none or several fit.
    """
    tickets = {
        key: made.ref.key
        for sink in sinks
        for key, made in tx.cases.deliveries(sink).items()
        if made.ref
    }
    every = tx.cases.cases()
    found = [held for held in every if held.key.startswith(named) or tickets.get(held.key) == named]
    if len(found) == 1 and named:
        return found[0]
    raise ConfigError(
        "No such case" if not found else "Several cases begin like that",
        where=named,
        why=f"{len(found)} of {len(every)} cases fit",
        fix="list them with `offkey cases`",
    )


def approvers(store: Store, mails: Iterable[str], now: datetime) -> frozenset[PersonId]:
    """Return who is meant by addresses in the configuration; one that is nobody's, or several
    people's, is passed over: neither can approve.
    """
    found = set()
    for mail in mails:
        try:
            found.add(find_person(store, mail, now)[1])
        except ConfigError:
            continue
    return frozenset(found)
