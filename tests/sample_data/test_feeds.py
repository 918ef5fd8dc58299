from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sample_data.company import Company
from sample_data.feeds import BASE, directory_ldif

SLAPADD = shutil.which("slapadd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
SCHEMAS = Path("/etc/ldap/schema")


def test_names_that_are_not_ascii_are_written_as_base64() -> None:
    assert "cn:: " in directory_ldif()
    assert directory_ldif().isascii()


def test_the_directory_marks_the_disabled_and_the_expiring() -> None:
    blocks = {block.splitlines()[0]: block for block in directory_ldif().split("\n\n")}
    erik = next(block for dn, block in blocks.items() if "uid=esand" in dn)
    marek = next(block for dn, block in blocks.items() if "uid=ext-mkowalski" in dn)
    assert "pwdAccountLockedTime: 000001010000Z" in erik
    assert "shadowExpire: 20696" in marek  # 2026-08-31


@pytest.mark.service
@pytest.mark.skipif(SLAPADD is None or not SCHEMAS.is_dir(), reason="no slapd on this machine")
def test_slapd_takes_the_directory(company: Company, tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    includes = [
        f"include {SCHEMAS / name}.schema" for name in ("core", "cosine", "inetorgperson", "nis")
    ]
    lines = [
        *includes,
        "moduleload back_mdb",
        "moduleload ppolicy",
        "database mdb",
        f'suffix "{BASE}"',
        f"directory {tmp_path / 'db'}",
        "overlay ppolicy",
    ]
    config = tmp_path / "slapd.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run(
        [str(SLAPADD), "-q", "-f", config, "-l", company.directory], check=True, capture_output=True
    )
