"""The forms by the names that kind files call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from correlate.kind import Kind
from detectors.forms.aws import AWS_KEY
from detectors.forms.escaped import ESCAPED_EQUALS
from detectors.forms.form import PLAIN, Form
from detectors.forms.gitlab import GITLAB_ROUTABLE
from detectors.forms.jwt import JWT
from detectors.forms.login_url import LOGIN_URL
from detectors.forms.pem import PEM

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "aws_key": AWS_KEY,
        "escaped_equals": ESCAPED_EQUALS,
        "gitlab_routable": GITLAB_ROUTABLE,
        "jwt": JWT,
        "login_url": LOGIN_URL,
        "pem": PEM,
    }
)


def form_of(kind: Kind) -> Form:
    """Return the form that the kind names; the plain one, which says nothing, where it names none."""
    return FORMS.get(kind.form, PLAIN)
