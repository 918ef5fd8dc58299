from __future__ import annotations

from detectors.forms.azure_sas import AZURE_SAS

QUERY = "sv=2023-11-03&sr=c&sp=rl&se=2027-01-01T00%3A00%3A00Z&sig=" + "kD8mQ2" + "vX5p%2Bw9z%3D"
PLAIN = QUERY.replace("%3A", ":").replace("%2B", "+").replace("%3D", "=")


def test_a_signature_tells_until_when_and_for_what_it_opens() -> None:
    told = {"expires_at": "2027-01-01T00:00:00Z", "permissions": "rl", "resource": "c"}
    assert AZURE_SAS.facts(QUERY) == told
    url = f"https://acme.blob.core.windows.net/box?{QUERY}"
    assert AZURE_SAS.facts(url) == told | {"host": "acme.blob.core.windows.net"}


def test_it_is_the_same_however_it_is_escaped_and_whatever_stands_before_it() -> None:
    for text in (
        QUERY,
        QUERY.replace("&", "&amp;"),
        PLAIN,
        f"https://acme.blob.core.windows.net/?{QUERY}",
    ):
        assert AZURE_SAS.spelling(text) == PLAIN
    assert AZURE_SAS.drawn(QUERY) == PLAIN.rpartition("sig=")[2]


def test_no_number_of_parameters_does_harm() -> None:
    assert AZURE_SAS.facts("sv=1&" * 10_000) == {}
