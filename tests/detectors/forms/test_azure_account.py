from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.forms.azure_account import AZURE_ACCOUNT

KEY = "kD8mQ2vX5p" * 8 + "Lw9zT3=="  # made up, and too regular for a scan of this repository
PLAIN = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={KEY}"


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        (PLAIN, "core.windows.net"),
        (f"{PLAIN};EndpointSuffix=core.windows.net", "core.windows.net"),
        (f"EndpointSuffix=core.chinacloudapi.cn;{PLAIN}", "core.chinacloudapi.cn"),
        (f"{PLAIN}; BlobEndpoint=https://acme.blob.core.windows.net/", "core.windows.net"),
        (f"{PLAIN};BlobEndpoint=https://files.corp:8080/acme", "files.corp:8080"),
    ],
)
def test_its_account_domain_and_key_are_all_that_counts(text: str, domain: str) -> None:
    assert AZURE_ACCOUNT.holds(text)
    assert AZURE_ACCOUNT.spelling(text) == f"acme.{domain}:{KEY}"
    assert AZURE_ACCOUNT.drawn(text) == KEY
    assert AZURE_ACCOUNT.facts(text) == {"account": "acme", "host": domain}


@pytest.mark.parametrize(
    "text",
    [
        f"AccountKey={KEY}",
        f"AccountEndpoint=https://acme.documents.azure.com:443/;AccountKey={KEY}",
        f"{PLAIN};TableEndpoint=https://acme.table.cosmos.azure.com:443/",
        f"AccountName=devstoreaccount1;AccountKey={KEY}",
        f"AccountName=Not-A-Name;AccountKey={KEY}",
        f"{PLAIN};BlobEndpoint=https://[half",
        "AccountName=acme",
    ],
)
def test_what_names_no_storage_account_is_none(text: str) -> None:
    assert not AZURE_ACCOUNT.holds(text)
    assert AZURE_ACCOUNT.facts(text) == {}


@given(st.text(max_size=200))
def test_no_text_does_harm(text: str) -> None:
    for tell in (
        AZURE_ACCOUNT.holds,
        AZURE_ACCOUNT.facts,
        AZURE_ACCOUNT.spelling,
        AZURE_ACCOUNT.drawn,
    ):
        tell(text)
