from __future__ import annotations

import dataclasses

import pytest

from correlate.kind import Kind
from detectors.harmless import why_code, why_harmless


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("123e4567-e89b-12d3-a456-426614174000", "a UUID"),
        ("d41d8cd98f00b204e9800998ecf8427e", "a hash"),
        ("sha256:" + "ab" * 32, "a hash"),
        ("$2b$12$" + "abcDEF123./" * 4, "a hash"),
        ("2026-11-01T00:00:00Z", "a date"),
        ("DATABASE_PASSWORD", "words or a name"),
        ("settings.DB_PASSWORD", "words or a name"),
        ("some-words-only", "words or a name"),
        ("/etc/passwd", "code, a path or an address"),
        ("$VARIABLE;", "code, a path or an address"),
        ("oauth2-client-secret-v1", "words or a name"),
        ("1.25.3", "a number or a version"),
        ("123456789012", "a number or a version"),
        ("server1-key9x7.pem", "a file's name"),
        ("ssh-ed25519", "a public key"),
        ("AAAAB3NzaC1yc2EAAAADAQABAAABgQ9x", "a public key"),
        ("a::b9x", "code, a path or an address"),
        ("%(name)s", "code, a path or an address"),
        ("kD8mQ2" + "vX5pLw9z", ""),
    ],
)
def test_names_and_hashes_are_code(text: str, why: str) -> None:
    assert why_code(text) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${DB_PASSWORD}", "a reference to a variable or a template"),
        ("Passw0rd!", "a word that tutorials use"),
        ("ababababcd", "too few different characters"),
        ("some-words-only", "words or a name"),
        ("kD8mQ2" + "vX5pLw9z", ""),
    ],
)
def test_a_generic_value_is_harmless_for_a_reason(
    kinds: dict[str, Kind], text: str, why: str
) -> None:
    assert why_harmless(kinds["generic_password"], text) == why


def test_what_stands_in_no_assignment_is_not_taken_for_code(kinds: dict[str, Kind]) -> None:
    kind = dataclasses.replace(kinds["generic_password"], plugin="basic_auth")
    assert why_harmless(kind, "some-words-only") == ""
