"""A domain controller of Active Directory for tests: Samba, on a loopback address of its own.

Samba's ports cannot be chosen, so each server takes another address of 127.0.0.0/8; several run side
by side. It has to be started by root.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.services import await_port, certificate, missing, process, program

BASE = "DC=example,DC=test"
READER = "reader"
_REALM = "EXAMPLE.TEST"
_PORTS = (389, 636, 3268, 3269)
# changes are made by Samba's own Python on the files of the running server: some of them LDAP cannot make
_HAND = """\
import json, sys
from ldb import FLAG_MOD_ADD, Dn, Message, MessageElement
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp)

def change(ldif):
    db.modify_ldif(ldif)

def rename(old, new):
    db.rename(old, new)

def delete(name):
    db.delete(name)

def recycle():
    asked, name = Message(), "enableOptionalFeature"
    asked.dn = Dn(db, "")
    feature = "CN=Partitions,%s:766ddcd8-acd0-445e-f3b9-a7f9b6744f2a" % db.get_config_basedn()
    asked[name] = MessageElement(feature, FLAG_MOD_ADD, name)
    db.modify(asked)

def users(base, count):
    for first in range(0, count, 100):
        db.transaction_start()
        for n in range(first, min(first + 100, count)):
            db.add({"dn": "CN=Many %d,%s" % (n, base), "objectClass": "user",
                    "sAMAccountName": "many%d" % n, "userAccountControl": "512",
                    "employeeID": "%06d" % n, "mail": "many%d@example.test" % n})
        db.transaction_commit()

for line in sys.stdin:
    name, *words = json.loads(line)
    try:
        {"change": change, "rename": rename, "delete": delete, "recycle": recycle,
         "users": users}[name](*words)
        print(json.dumps(""), flush=True)
    except Exception as error:
        print(json.dumps(str(error)), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Samba:
    """A running domain controller, with an ordinary account that may log in."""

    host: str
    ca_file: Path
    password: str
    hand: subprocess.Popen[bytes]

    @property
    def user(self) -> str:
        """The ordinary account's name to log in with."""
        return f"{READER}@example.test"

    def change(self, ldif: str) -> None:
        """Add and modify entries, as LDIF says."""
        self._do("change", re.sub(r"\n{2,}", "\n\n", ldif))

    def rename(self, old: str, new: str) -> None:
        """Give an entry another name."""
        self._do("rename", old, new)

    def delete(self, name: str) -> None:
        """Delete an entry."""
        self._do("delete", name)

    def enable_recycle_bin(self) -> None:
        """Let deleted accounts keep what they were; this cannot be undone."""
        self._do("recycle")

    def add_users(self, base: str, count: int) -> None:
        """Add accounts "many0", "many1" and so on below an entry."""
        self._do("users", base, count)

    def _do(self, *words: object) -> None:
        assert self.hand.stdin is not None
        assert self.hand.stdout is not None
        self.hand.stdin.write(json.dumps(words).encode() + b"\n")
        self.hand.stdin.flush()
        if (fault := json.loads(self.hand.stdout.readline() or '"it ended"')) != "":
            pytest.fail(f"Samba refused a change: {fault}")


def secret_of(password: str) -> str:
    """Return a password as LDIF writes it for unicodePwd."""
    return base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()


@contextlib.contextmanager
def samba(folder: Path) -> Iterator[Samba]:
    """Set up a domain in the folder and run its controller until the block ends."""
    if os.getuid() != 0:
        missing("root, for Samba,")
    tool, server = program("samba-tool"), program("samba", "/usr/sbin/samba")
    if not Path("/usr/share/samba/setup").is_dir():
        missing("samba-ad-provision")
    host, password = _free_host(), f"P4-{secrets.token_hex(12)}"
    cert, key = certificate(folder, host)
    options = {
        "interfaces": f"{host}/8", "bind interfaces only": "yes", "ldb:nosync": "true",
        "vfs objects": "dfs_samba4 acl_xattr xattr_tdb", "log file": str(folder / "log"), "pid directory": str(folder), "ncalrpc dir": str(folder / "rpc"),
        "tls keyfile": str(key), "tls certfile": str(cert), "tls cafile": str(cert),
    }  # fmt: skip
    subprocess.run(
        [tool, "domain", "provision", f"--realm={_REALM}", "--domain=EXAMPLE", "--server-role=dc",
         "--dns-backend=NONE", f"--adminpass={password}", f"--targetdir={folder / 'dc'}",
         f"--host-ip={host}", "--host-name=localhost", "--quiet",
         *(f"--option={name}={value}" for name, value in options.items())],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    config = folder / "dc" / "etc" / "smb.conf"
    arguments = [server, "--foreground", "--model=single", f"--configfile={config}"]
    only = ["--option=server services=ldap", "--option=dcerpc endpoint servers="]
    with process([*arguments, *only]) as running, _hand(config) as hand:
        for port in _PORTS:
            await_port(port, running, host=host)
        made = Samba(host, cert, password, hand)
        made.change(
            f"dn: CN={READER},CN=Users,{BASE}\nchangetype: add\nobjectClass: user\n"
            f"sAMAccountName: {READER}\nuserAccountControl: 512\nunicodePwd:: {secret_of(password)}\n"
        )
        yield made


@contextlib.contextmanager
def _hand(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        ["/usr/bin/python3", "-c", _HAND, str(config)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()


def _free_host() -> str:
    for _ in range(50):
        host = "127." + ".".join(str(1 + secrets.randbelow(250)) for _ in range(3))
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in _PORTS:
                held.enter_context(socket.create_server((host, port)))
            return host
    missing("a loopback address with free ports")
    raise AssertionError
