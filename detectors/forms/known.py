"""The forms by the names that kind files call them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from correlate.kind import Kind
from detectors.forms.assigned import ASSIGNED
from detectors.forms.aws import AWS_KEY, AWS_SESSION
from detectors.forms.azure_account import AZURE_ACCOUNT
from detectors.forms.azure_sas import AZURE_SAS
from detectors.forms.basic_auth import BASIC_AUTH, DOCKER_AUTH
from detectors.forms.escaped import ESCAPED_EQUALS
from detectors.forms.form import PLAIN, Form
from detectors.forms.gitlab import GITLAB_ROUTABLE
from detectors.forms.json_part import GRAFANA, SENTRY
from detectors.forms.jwt import JWT
from detectors.forms.login_files import NETRC, NPMRC, PGPASS, PYPIRC
from detectors.forms.login_url import LOGIN_URL
from detectors.forms.macaroon import MACAROON
from detectors.forms.mongodb_url import MONGODB_URL
from detectors.forms.pem import PEM, PGP
from detectors.forms.putty import PUTTY
from detectors.forms.service_account import SERVICE_ACCOUNT
from detectors.forms.settings import CONNECTION, JDBC

FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "assigned": ASSIGNED,
        "aws_key": AWS_KEY,
        "aws_session": AWS_SESSION,
        "azure_account": AZURE_ACCOUNT,
        "azure_sas": AZURE_SAS,
        "basic_auth": BASIC_AUTH,
        "connection": CONNECTION,
        "docker_auth": DOCKER_AUTH,
        "escaped_equals": ESCAPED_EQUALS,
        "gitlab_routable": GITLAB_ROUTABLE,
        "grafana": GRAFANA,
        "jdbc": JDBC,
        "jwt": JWT,
        "login_url": LOGIN_URL,
        "macaroon": MACAROON,
        "mongodb_url": MONGODB_URL,
        "netrc": NETRC,
        "npmrc": NPMRC,
        "pem": PEM,
        "pgp": PGP,
        "pgpass": PGPASS,
        "putty": PUTTY,
        "pypirc": PYPIRC,
        "sentry": SENTRY,
        "service_account": SERVICE_ACCOUNT,
    }
)


def form_of(kind: Kind) -> Form:
    """Return the form that the kind names; the plain one, which says nothing, where it names none."""
    return FORMS.get(kind.form, PLAIN)
