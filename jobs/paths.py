"""Where a credential stands, in the short form that stays the same from run to run."""

from __future__ import annotations

from correlate.policy import Credential


def paths_of(credential: Credential) -> tuple[str, ...]:
    """Return the places in their stable short form, "container:path", sorted; of a credential
    that stands in no text, its entry in its issuer's list.
    """
    places = {
        f"{item.locator.container}:{item.trace.path if item.trace else item.locator.item}"
        for item in credential.exposures
    }
    if not places and credential.listed is not None:
        row = credential.listed.row
        places = {f"{row.source}:{row.what} {row.row_id}"}
    return tuple(sorted(places))
