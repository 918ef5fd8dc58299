from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from correlate.kind import Kind
from detectors.confirm import why_not
from detectors.forms.key_facts import key_facts
from detectors.forms.pem import PEM


def keygen(folder: Path, *options: str) -> tuple[str, str]:
    """A new key's text, and its fingerprint as ssh-keygen prints it."""
    path = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-f", path, "-C", "x", *options], check=True)
    line = subprocess.run(["ssh-keygen", "-lf", path], check=True, capture_output=True, text=True)
    return path.read_text().strip(), line.stdout.split()[1]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-t", "ed25519", "-N", ""], {"key_type": "Ed25519", "encrypted": "no"}),
        (["-t", "ecdsa", "-N", ""], {"key_type": "ECDSA", "bits": "256", "encrypted": "no"}),
        (
            ["-t", "rsa", "-b", "2048", "-N", ""],
            {"key_type": "RSA", "bits": "2048", "encrypted": "no"},
        ),
        (
            ["-t", "rsa", "-b", "2048", "-m", "PEM", "-N", ""],
            {"key_type": "RSA", "bits": "2048", "encrypted": "no"},
        ),
        (["-t", "ed25519", "-N", "a pass phrase"], {"key_type": "ssh-ed25519", "encrypted": "yes"}),
    ],
)
def test_a_key_tells_its_sort_and_its_public_halfs_fingerprint(
    kinds: dict[str, Kind], tmp_path: Path, options: list[str], told: dict[str, str]
) -> None:
    text, fingerprint = keygen(tmp_path, *options)
    assert key_facts(text) == told | {"fingerprint": fingerprint}
    assert PEM.facts(text.replace("\n", "\\n")) == key_facts(text)
    name = "private_key_openssh" if "OPENSSH" in text else "private_key_pem"
    assert why_not(kinds[name], text) == ""


def test_a_pem_that_is_encrypted_hides_its_public_half(tmp_path: Path) -> None:
    text, _ = keygen(tmp_path, "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "a pass phrase")
    assert key_facts(text) == {"encrypted": "yes"}


@pytest.mark.parametrize("name", ["PRIVATE", "RSA PRIVATE", "OPENSSH PRIVATE"])
@pytest.mark.parametrize(
    "body", ["", "AAAA", "A" * 64, "b3BlbnNzaC1rZXktdjEA", "b3BlbnNzaC1rZXktdjEAAAAA/w", "é"]
)
def test_what_cannot_be_parsed_is_told_and_refused_to_nobody(name: str, body: str) -> None:
    text = f"-----BEGIN {name} KEY-----\n{body}\n-----END {name} KEY-----"
    assert key_facts(text) == {"readable": "no"}
