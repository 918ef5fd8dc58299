"""Real servers for tests, on loopback only.

Where a server's program is missing the test is skipped with that reason; with
OFFKEY_REQUIRE_SERVICES=1 it fails instead, so that a skip is never taken for a pass.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def missing(what: str) -> None:
    """Skip the test, or fail it where all services are demanded."""
    if os.environ.get("OFFKEY_REQUIRE_SERVICES") == "1":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


def program(name: str, *places: str) -> str:
    """Return the path of a program, also outside the PATH of an ordinary user."""
    found = shutil.which(name) or next((p for p in places if Path(p).is_file()), None)
    if found is None:
        missing(name)
    return str(found)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def await_port(
    port: int, process: subprocess.Popen[bytes], seconds: float = 20.0, host: str = "127.0.0.1"
) -> None:
    """Wait until the process listens; fail the test when it ends or takes too long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the server ended with status {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((host, port), 0.2):
            return
        time.sleep(0.05)
    pytest.fail("the server does not listen")


@contextlib.contextmanager
def process(
    arguments: list[str], *, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is ended by its own handle, never by name."""
    running = subprocess.Popen(
        arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=dict(env) if env is not None else None,
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(10)


def certificate(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Write a self-signed certificate for localhost and an address, and its key; return both paths."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(address))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    cert_path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.touch(mode=0o600)  # Samba takes no key that others may read
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert_path, key_path


@dataclass(frozen=True, slots=True)
class Slapd:
    """A running OpenLDAP server."""

    plain_port: int
    tls_port: int
    ca_file: Path
    base: str
    user: str
    password: str


_SLAPD = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile {folder}/slapd.pid
TLSCertificateFile {cert}
TLSCertificateKeyFile {key}
TLSCACertificateFile {cert}
database mdb
suffix "{base}"
rootdn "cn=admin,{base}"
rootpw {password}
directory {folder}/db
limits dn.exact="cn=reader,{base}" size.soft=50 size.hard=50 size.prtotal=unlimited
limits dn.exact="cn=small,{base}" size.soft=50 size.hard=50 size.prtotal=60
overlay ppolicy
access to * by dn.exact="cn=reader,{base}" read by dn.exact="cn=small,{base}" read by * auth
"""


@contextlib.contextmanager
def slapd(folder: Path, ldif: str, base: str, password: str) -> Iterator[Slapd]:
    """Run slapd, unprivileged, on two loopback ports with the entries of `ldif`."""
    server, loader = program("slapd", "/usr/sbin/slapd"), program("slapadd", "/usr/sbin/slapadd")
    (folder / "db").mkdir()
    cert, key = certificate(folder)
    config, data = folder / "slapd.conf", folder / "data.ldif"
    words = {"folder": folder, "cert": cert, "key": key, "base": base, "password": password}
    config.write_text(_SLAPD.format(**words))
    data.write_text(ldif)
    subprocess.run(
        [loader, "-f", str(config), "-l", str(data)], check=True, capture_output=True, timeout=60
    )
    plain, tls = free_port(), free_port()
    urls = f"ldap://127.0.0.1:{plain}/ ldaps://127.0.0.1:{tls}/"
    with process([server, "-f", str(config), "-h", urls, "-d", "0"]) as running:
        await_port(plain, running)
        yield Slapd(plain, tls, cert, base, f"cn=reader,{base}", password)


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL on a loopback port as an ordinary user; give the URL of its database."""
    places = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    initdb = Path(program("initdb", *sorted(places, reverse=True))).resolve()
    # root is refused by PostgreSQL, and may not be let into pytest's own folder as another
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    folder = Path(tempfile.mkdtemp(prefix="offkey-pg-"))
    try:
        os.chown(folder, user.pw_uid, user.pw_gid)
        other = user.pw_uid if os.getuid() == 0 else None
        subprocess.run(
            [str(initdb), "-D", str(folder / "db"), "-U", "offkey", "-A", "trust", "-E", "UTF8"],
            check=True, capture_output=True, timeout=120, cwd=folder, user=other,
        )  # fmt: skip
        port = free_port()
        server = [str(initdb.with_name("postgres")), "-D", str(folder / "db"), "-p", str(port)]
        server += ["-h", "127.0.0.1", "-k", str(folder), "-c", "fsync=off"]
        running = subprocess.Popen(
            server, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd=folder, user=other,
        )  # fmt: skip
        try:
            await_port(port, running)
            _await_logins(initdb.with_name("pg_isready"), port)
            yield f"postgresql+psycopg://offkey@127.0.0.1:{port}/postgres"
        finally:
            running.terminate()
            running.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_logins(probe: Path, port: int, seconds: float = 20.0) -> None:
    """Wait out the moment in which PostgreSQL listens and turns everybody away."""
    end = time.monotonic() + seconds
    while subprocess.run([probe, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False).returncode:
        if time.monotonic() > end:
            pytest.fail("the server takes no logins")
        time.sleep(0.05)


@contextlib.contextmanager
def azurite(accounts: Mapping[str, str]) -> Iterator[str]:
    """Run Azurite's blob service, in memory, for accounts with their keys; give its base URL."""
    server, port = program("azurite-blob"), free_port()
    known = ";".join(f"{name}:{key}" for name, key in accounts.items())
    arguments = [server, "--inMemoryPersistence", "--silent", "--disableTelemetry"]
    arguments += ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--skipApiVersionCheck"]
    env = {"PATH": os.environ["PATH"], "AZURITE_ACCOUNTS": known}
    with process(arguments, env=env) as running:
        await_port(port, running)
        yield f"http://127.0.0.1:{port}"


@dataclass(frozen=True, slots=True)
class Redis:
    """A running Redis server, with a login of its own for the test."""

    plain_port: int
    tls_port: int
    ca_file: Path

    def call(self, command: str) -> str:
        """Return what the server says to a command."""
        with socket.create_connection(("127.0.0.1", self.plain_port), 5) as sock:
            sock.sendall(f"AUTH watcher watching\r\n{command}\r\nQUIT\r\n".encode())
            return b"".join(iter(lambda: sock.recv(65536), b"")).decode()

    def commands(self) -> dict[str, int]:
        """Return how often each command was called."""
        found = re.findall(r"cmdstat_(\S+?):calls=(\d+)", self.call("INFO commandstats"))
        return {name: int(calls) for name, calls in found}


@contextlib.contextmanager
def redis(folder: Path, *users: str) -> Iterator[Redis]:
    """Run Redis, in memory, on two loopback ports, with users as redis.conf spells them."""
    server, (cert, key) = program("redis-server"), certificate(folder)
    plain, tls = free_port(), free_port()
    lines = [
        "bind 127.0.0.1", f"port {plain}", f"tls-port {tls}", 'save ""', f"dir {folder}",
        f"tls-cert-file {cert}", f"tls-key-file {key}", "tls-auth-clients no",
        "user watcher on >watching +info +acl +quit", *users,
    ]  # fmt: skip
    config = folder / "redis.conf"
    config.write_text("\n".join(lines) + "\n")
    with process([server, str(config)]) as running:
        await_port(plain, running)
        await_port(tls, running)
        yield Redis(plain, tls, cert)


@dataclass(frozen=True, slots=True)
class MariaDB:
    """A running MariaDB server that speaks plainly and within TLS on one loopback port."""

    port: int
    ca_file: Path
    socket: Path

    def execute(self, statement: str) -> None:
        """Execute a statement as root."""
        client = program("mariadb")
        subprocess.run(
            [client, "--no-defaults", f"--socket={self.socket}", "--user=root", "-e", statement],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip


@contextlib.contextmanager
def mariadb(*statements: str, options: tuple[str, ...] = ()) -> Iterator[MariaDB]:
    """Run MariaDB on a loopback port as an ordinary user, after `statements` were executed."""
    server, install = program("mariadbd", "/usr/sbin/mariadbd"), program("mariadb-install-db")
    # root is refused, and may not be let into pytest's own folder as another
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    other = user.pw_uid if os.getuid() == 0 else None
    folder, port = Path(tempfile.mkdtemp(prefix="offkey-maria-")), free_port()
    try:
        cert, key = certificate(folder)
        (folder / "begin.sql").write_text("".join(f"{line};\n" for line in statements))
        (folder / "db").mkdir()
        for path in (folder, folder / "db", cert, key, folder / "begin.sql"):
            os.chown(path, user.pw_uid, user.pw_gid)
        subprocess.run(
            [install, "--no-defaults", f"--datadir={folder / 'db'}", "--skip-test-db",
             "--auth-root-authentication-method=normal"],
            check=True, capture_output=True, timeout=120, cwd=folder, user=other,
        )  # fmt: skip
        running = subprocess.Popen(
            [server, "--no-defaults", f"--datadir={folder / 'db'}", f"--socket={folder / 'sock'}",
             "--bind-address=127.0.0.1", f"--port={port}", f"--init-file={folder / 'begin.sql'}",
             f"--ssl-cert={cert}", f"--ssl-key={key}", f"--pid-file={folder / 'pid'}", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, user=other,
        )  # fmt: skip
        try:
            await_port(port, running)
            yield MariaDB(port, cert, folder / "sock")
        finally:
            running.terminate()
            running.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running OpenSSH server that gives files only, and who may log in to it."""

    port: int
    host_keys: Mapping[str, str]  # by type, as known_hosts has them
    user: str
    private_key: str
    folder: Path


_SSHD = """\
Port {port}
ListenAddress 127.0.0.1
{keys}
AuthorizedKeysFile {folder}/authorized
StrictModes no
PasswordAuthentication no
PermitRootLogin prohibit-password
PidFile none
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


@contextlib.contextmanager
def sshd(folder: Path) -> Iterator[Sshd]:
    """Run sshd on a loopback port for whoever runs the tests, with keys made for the test."""
    server, keygen = program("sshd", "/usr/sbin/sshd"), program("ssh-keygen")
    hosts = {}
    for name in ("ed25519", "rsa"):
        _keygen(keygen, name, folder / f"host_{name}")
        kind, data, *_ = (folder / f"host_{name}.pub").read_text().split()
        hosts[kind] = f"{kind} {data}"
    _keygen(keygen, "ed25519", folder / "own")
    (folder / "authorized").write_text((folder / "own.pub").read_text())
    (folder / "files").mkdir()
    port = free_port()
    keys = "\n".join(f"HostKey {folder}/host_{name}" for name in ("ed25519", "rsa"))
    (folder / "sshd.conf").write_text(_SSHD.format(port=port, keys=keys, folder=folder))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where its unprivileged half lives
    with process([server, "-D", "-f", str(folder / "sshd.conf")]) as running:
        await_port(port, running)
        user = pwd.getpwuid(os.getuid()).pw_name
        yield Sshd(port, hosts, user, (folder / "own").read_text(), folder / "files")


def _keygen(keygen: str, kind: str, path: Path) -> None:
    subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", str(path)], check=True, timeout=60)
