from __future__ import annotations

import contextlib
import datetime as dt
import logging
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.http import Call, Http, Policy, Reply, retry_after, same_origin
from correlate.errors import OffkeyError, Refused, Unavailable
from correlate.secret import Secret
from tests.connectors.wire import Asked, Told, answering, raw

HOME = ("127.0.0.1", "localhost")
MARK = "mark" + "3f9c" * 4


def client(**changes: object) -> Http:
    settings: dict[str, object] = {"internal_hosts": HOME, "timeout_s": 2.0} | changes
    return Http(Policy(**settings), sleep=lambda _: None)  # type: ignore[arg-type]


def get(url: str, **secrets: str) -> Call:
    return Call("GET", url, secrets={name: Secret(value) for name, value in secrets.items()})


def test_a_call_goes_out_as_given_and_the_whole_answer_comes_back() -> None:
    seen: list[Asked] = []

    def answer(asked: Asked) -> Told:
        seen.append(asked)
        return Told(body=b'{"a": 1}', headers={"X-Thing": "y"})

    with answering(answer) as base:
        reply = client().send(get(base + "/x?y=1", Authorization="Bearer " + MARK))
    assert (reply.status, reply.body, reply.headers["x-thing"]) == (200, b'{"a": 1}', "y")
    assert reply.content_type == "application/json"
    assert seen[0].query == {"y": "1"}
    assert seen[0].headers["authorization"] == "Bearer " + MARK
    assert seen[0].headers["user-agent"].startswith("offkey/")
    assert seen[0].headers["host"].startswith("127.0.0.1:")


def test_no_secret_shows_in_a_call_or_reply_or_error() -> None:
    call = Call(
        "POST",
        f"https://x.invalid/{MARK}?q={MARK}",
        secrets={"A": Secret(MARK)},
        body=MARK.encode(),
    )
    assert MARK not in repr(call)
    assert MARK not in repr(Reply(200, {"x": MARK}, MARK.encode()))
    with pytest.raises(OffkeyError) as caught:
        Http(Policy(), resolve=_nowhere).send(call)
    assert MARK not in str(caught.value) + repr(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def _nowhere(host: str, port: int) -> Iterable[str]:
    raise socket.gaierror


def test_a_name_that_does_not_resolve_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="does not resolve"):
        Http(Policy(), resolve=_nowhere, sleep=lambda _: None).send(get("https://x.invalid/"))


def test_a_resolver_that_hangs_does_not_stretch_the_call() -> None:
    free = threading.Event()

    def slow(host: str, port: int) -> Iterable[str]:
        free.wait(10)
        return []

    begun = time.monotonic()
    with pytest.raises(Unavailable):
        Http(Policy(timeout_s=0.2, retries=0), resolve=slow).send(get("https://x.invalid/"))
    free.set()
    assert time.monotonic() - begun < 8


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.9.9", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "::7f00:1",
    ],
)  # fmt: skip
def test_a_vendor_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="not public"):
        Http(Policy(), resolve=lambda _h, _p: [address]).send(get("https://vendor.example/"))


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "::", "fe80::1"])
def test_even_an_internal_name_never_leads_to_cloud_metadata(address: str) -> None:
    policy = Policy(internal_hosts=("git.corp",))
    with pytest.raises(Refused):
        Http(policy, resolve=lambda _h, _p: [address]).send(get("https://git.corp/"))


@pytest.mark.parametrize(
    "url",
    ["http://vendor.example/", "ftp://127.0.0.1/", "https://u:p@127.0.0.1/", "https://127.0.0.1:99999/", "https://[::1", "file:///etc/hosts", "/x"],
)  # fmt: skip
def test_what_is_not_a_safe_url_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        client().send(get(url))


def test_the_checked_address_is_the_one_connected_to() -> None:
    """A name that answers otherwise on the second look-up gains nothing."""
    looks: list[str] = []

    def rebinding(host: str, port: int) -> Iterable[str]:
        looks.append(host)
        return ["127.0.0.1"] if len(looks) == 1 else ["203.0.113.9"]

    def answer(asked: Asked) -> Told:
        return Told(body=asked.headers["host"].encode())

    with answering(answer) as base:
        port = base.rpartition(":")[2]
        http = Http(Policy(internal_hosts=("git.corp",)), resolve=rebinding)
        reply = http.send(get(f"http://git.corp:{port}/"))
    assert looks == ["git.corp"]
    assert reply.body == f"git.corp:{port}".encode()


def test_a_dead_address_gives_way_to_the_next_within_the_deadline() -> None:
    with answering(lambda _: Told()) as base:
        port = base.rpartition(":")[2]
        both = Http(
            Policy(internal_hosts=("git.corp",)), resolve=lambda _h, _p: ["::1", "127.0.0.1"]
        )
        assert both.send(get(f"http://git.corp:{port}/")).status == 200


def test_a_redirect_is_not_followed_and_no_header_leaves() -> None:
    elsewhere: list[Asked] = []

    def other(asked: Asked) -> Told:
        elsewhere.append(asked)
        return Told()

    with (
        answering(other) as target,
        answering(lambda _: Told(302, headers={"Location": target})) as base,
    ):
        reply = client().send(get(base, **{"PRIVATE-TOKEN": MARK}))
    assert reply.status == 302
    assert elsewhere == []


def test_netrc_and_proxy_variables_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password gotcha\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with answering(lambda asked: Told(body=asked.headers["authorization"].encode())) as base:
        assert client().send(get(base, Authorization="Bearer mine")).body == b"Bearer mine"


def test_a_reset_connection_is_tried_again_for_get_only() -> None:
    hits: list[int] = []

    def reset(sock: socket.socket) -> None:
        hits.append(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with raw(reset) as base:
        with pytest.raises(Unavailable):
            client().send(get(base))
        assert len(hits) == 3
        with pytest.raises(Unavailable):
            client().send(Call("POST", base, body=b"{}"))
    assert len(hits) == 4


def test_a_cut_body_is_no_answer() -> None:
    def cut(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")

    with raw(cut) as base, pytest.raises(Unavailable):
        client(retries=0).send(get(base))


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-A: "])
def test_a_dripping_server_does_not_stretch_the_call(head: bytes) -> None:
    def drip(sock: socket.socket) -> None:
        sock.sendall(head)
        for _ in range(200):
            sock.sendall(b"x")
            time.sleep(0.05)

    with raw(drip) as base:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="in time"):
            client(timeout_s=0.4, retries=0).send(get(base))
        assert time.monotonic() - begun < 5


def test_an_endless_body_is_cut_at_the_cap() -> None:
    sent: list[int] = []

    def endless(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n")
        while True:
            sent.append(sock.send(b"x" * 65536))

    with raw(endless) as base, pytest.raises(Unavailable, match="larger than"):
        client(body_max=1_000_000, retries=0).send(get(base))
    assert sum(sent) < 20_000_000


def test_a_packed_answer_is_refused() -> None:
    with (
        answering(lambda _: Told(headers={"Content-Encoding": "gzip"})) as base,
        pytest.raises(Unavailable, match="packed"),
    ):
        client(retries=0).send(get(base))


def test_a_busy_server_is_asked_again_after_its_pause() -> None:
    answers = [Told(429, headers={"Retry-After": "3"}), Told(503), Told(200)]
    slept: list[float] = []
    with answering(lambda _: answers.pop(0)) as base:
        http = Http(Policy(internal_hosts=HOME), sleep=slept.append)
        assert http.send(get(base)).status == 200
    assert slept == [3.0, 1.0]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "4000"}])
def test_a_long_or_unsaid_pause_is_handed_to_the_caller(headers: dict[str, str]) -> None:
    hits: list[Asked] = []

    def busy(asked: Asked) -> Told:
        hits.append(asked)
        return Told(429, headers=headers)

    with answering(busy) as base:
        assert client().send(get(base)).status == 429
    assert len(hits) == 1


def test_retry_after_is_read_as_seconds_or_date() -> None:
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    later = format_datetime(now + dt.timedelta(seconds=90), usegmt=True)

    def said(text: str) -> float | None:
        return retry_after(Reply(429, {"retry-after": text}, b""), now.timestamp())

    assert [said(t) for t in ("12", later, "soon", "", "-1")] == [12.0, 90.0, None, None, None]
    assert said(format_datetime(now - dt.timedelta(days=1), usegmt=True)) == 0.0


def test_a_failing_host_is_left_alone_for_a_while() -> None:
    clock = [0.0]
    http = Http(
        Policy(internal_hosts=HOME, retries=0), sleep=lambda _: None, monotonic=lambda: clock[0]
    )
    hits: list[Asked] = []

    def broken(asked: Asked) -> Told:
        hits.append(asked)
        return Told(500)

    with answering(broken) as base:
        for _ in range(5):
            assert http.send(get(base)).status == 500
        with pytest.raises(Unavailable, match="left alone") as caught:
            http.send(get(base))
        assert caught.value.retry_after == 30.0
        clock[0] = 31.0
        http.send(get(base))
    assert len(hits) == 6


def test_calls_to_one_host_are_spaced() -> None:
    slept: list[float] = []
    http = Http(
        Policy(internal_hosts=HOME, spacing_s=2.0), sleep=slept.append, monotonic=lambda: 0.0
    )
    with answering(lambda _: Told()) as base:
        for _ in range(3):
            http.send(get(base))
    assert slept == [2.0, 4.0]


def test_the_libraries_below_print_no_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(lambda _: Told()) as base:
        client().send(get(f"{base}/path?token={MARK}"))
    assert MARK not in caplog.text


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://a.example/x?page=2", True),
        ("https://a.example:443/x", True),
        ("http://a.example/x", False),
        ("https://b.example/x", False),
        ("https://a.example:444/x", False),
        ("https://u@a.example/x", False),
        ("https://a.example:bad/x", False),
        ("//a.example/x", False),
    ],
)
def test_only_the_same_origin_is_followed(url: str, same: bool) -> None:
    assert same_origin("https://a.example/api", url) is same


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for localhost, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        cert.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def _tls_once(certificate: Path, clients: Path | None = None) -> tuple[int, threading.Thread]:
    """Serve one call; with `clients`, for a client whose certificate leads there."""
    listener = socket.create_server(("127.0.0.1", 0))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)

    def serve() -> None:
        with listener:
            sock, _ = listener.accept()
            try:
                with context.wrap_socket(sock, server_side=True) as tls:
                    tls.recv(4096)
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            except OSError:
                return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return int(listener.getsockname()[1]), thread


def test_tls_is_verified_against_the_named_ca_and_host(certificate: Path) -> None:
    port, thread = _tls_once(certificate)
    good = client(ca_file=certificate, retries=0)
    assert good.send(get(f"https://localhost:{port}/")).body == b"{}"
    thread.join(5)

    port, thread = _tls_once(certificate)
    with pytest.raises(Unavailable, match="not trusted"):
        client(retries=0).send(get(f"https://localhost:{port}/"))
    thread.join(5)

    port, thread = _tls_once(certificate)
    with pytest.raises(Unavailable, match="not trusted"):
        client(ca_file=certificate, retries=0).send(get(f"https://127.0.0.1:{port}/"))
    thread.join(5)


def test_a_server_that_asks_who_we_are_is_shown_our_certificate(certificate: Path) -> None:
    port, thread = _tls_once(certificate, certificate)
    known = {"client_cert": certificate, "client_key": certificate}
    good = client(ca_file=certificate, retries=0, **known)
    assert good.send(get(f"https://localhost:{port}/")).body == b"{}"
    thread.join(5)

    port, thread = _tls_once(certificate, certificate)
    with pytest.raises(Unavailable):
        client(ca_file=certificate, retries=0).send(get(f"https://localhost:{port}/"))
    thread.join(5)

    port, thread = _tls_once(certificate)
    missing = {"client_cert": Path("/nonexistent"), "client_key": certificate}
    with pytest.raises(Unavailable):
        client(ca_file=certificate, retries=0, **missing).send(get(f"https://localhost:{port}/"))
    thread.join(5)


def _proxy_once(target: int, asked: list[bytes]) -> tuple[str, threading.Thread]:
    """A proxy that opens one tunnel, always to the local port `target`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve() -> None:
        with listener:
            near, _ = listener.accept()
            with near, socket.create_connection(("127.0.0.1", target)) as far:
                asked.append(near.recv(4096).partition(b"\r\n")[0])
                near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=pump, args=(far, near), daemon=True)
                back.start()
                pump(near, far)
                back.join(5)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", thread


def test_outside_hosts_go_through_the_proxy_by_tunnel(certificate: Path) -> None:
    asked: list[bytes] = []
    port, server = _tls_once(certificate)
    proxy, thread = _proxy_once(port, asked)
    http = Http(
        Policy(proxy=proxy, ca_file=certificate, retries=0, timeout_s=5.0),
        resolve=_nowhere,  # the proxy resolves the name
    )
    assert http.send(get("https://localhost/")).body == b"{}"
    server.join(5)
    thread.join(5)
    assert [line.split()[:2] for line in asked] == [[b"CONNECT", b"localhost:443"]]


def test_a_proxy_that_says_no_is_unavailable() -> None:
    def proxy(sock: socket.socket) -> None:
        sock.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with raw(proxy) as base, pytest.raises(Unavailable, match="proxy"):
        client(proxy=base, retries=0).send(get("https://vendor.example/"))
