"""GitLab's routable tokens, https://gitlab.com/gitlab-org/gitlab/-/issues/487009."""

from __future__ import annotations

import base64
import binascii
import re

from detectors.forms.form import Form


def _facts(text: str) -> dict[str, str]:
    """The payload has lines such as "u:" and the user's id in base 36."""
    payload = text.removeprefix("glpat-").partition(".")[0]
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (ValueError, binascii.Error):
        return {}
    user = re.search(rb"(?:^|\n)u:([0-9a-z]{1,12})(?:\n|$)", raw)
    return {"user_id": str(int(user[1], 36))} if user else {}


GITLAB_ROUTABLE = Form(facts=_facts)
