"""What every connector that opens connections must do: where it goes, and how long it stays."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from tests.connectors.dialling import watched
from tests.connectors.outbound import At, asking, dialling, speaks_http
from tests.connectors.wire import Asked, Told, answering, dripping

NAMES = dialling()
ASKERS = [name for name in NAMES if name.startswith(("issuer", "revoker"))]
HTTP = [name for name in NAMES if speaks_http(name)]
OUTSIDE, VENDOR = "93.184.215.14", "vendor.example"
METADATA = (
    "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "240.0.0.1", "255.255.255.255",  # noqa: S104
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::",
)  # fmt: skip
INSIDE = (
    *METADATA, "127.0.0.1", "127.9.9.9", "::1", "10.0.0.1", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "100.64.0.1", "100.127.255.255", "fc00::1", "fd00::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::",
    "::7f00:1",
)  # fmt: skip
SPELLED = ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost")
PACE_S, MOST = 0.2, 300


def test_there_is_something_to_hold_them_to() -> None:
    assert len(NAMES) > 20
    assert "issuer_postgres" in set(NAMES) - set(HTTP)


@pytest.mark.parametrize("name", NAMES)
def test_a_question_goes_to_where_it_is_meant_to(name: str) -> None:
    """Else nothing below would show anything."""
    with answering(lambda _: Told(404)) as base, watched() as seen:
        port = int(base.rpartition(":")[2])
        assert asking(name, At("127.0.0.1", port, "http", ("127.0.0.1",)))()
    assert set(seen.dialled) == {("127.0.0.1", port)}


@pytest.mark.parametrize("name", NAMES)
def test_no_address_inside_is_dialled(name: str) -> None:
    with watched() as seen:
        for address in (*INSIDE, *SPELLED):
            assert asking(name, At(address, 4430))()
            assert seen.dialled == [], address


@pytest.mark.parametrize("name", NAMES)
def test_no_name_that_leads_inside_is_dialled(name: str) -> None:
    for address in INSIDE:
        with watched({VENDOR: [[address]]}) as seen:
            assert asking(name, At(VENDOR, 4430))()
        assert (seen.dialled, VENDOR in seen.looked_up) == ([], True), address


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_ours_leads_to_no_clouds_metadata(name: str) -> None:
    for address in METADATA:
        with watched({VENDOR: [[address]]}) as seen:
            assert asking(name, At(VENDOR, 4430, internal=(VENDOR,)))()
        assert seen.dialled == [], address


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_answers_otherwise_the_second_time_gains_nothing(name: str) -> None:
    with watched({VENDOR: [["127.0.0.1", OUTSIDE], ["127.0.0.1"]]}) as seen:
        assert asking(name, At(VENDOR, 4430))()
    assert seen.hosts() == {OUTSIDE}


@pytest.mark.parametrize("name", ASKERS)
def test_what_a_slow_resolver_took_is_not_waited_for_again(name: str) -> None:
    """The address that it gives in the end is silent, and the call's time all but gone."""
    took = 0.8
    slow, answers = (lambda: time.sleep(took)), [[OUTSIDE], ["127.0.0.1"]]
    with watched({VENDOR: answers}, silent=frozenset({OUTSIDE}), slow=slow) as seen:
        asking(name, At(VENDOR, 4430, timeout_s=1.0))()
    assert all(one is not None and one <= 1.0 - took for one in seen.patience)


def leading(target: str, status: int) -> Told:
    headers = {"Location": target, "Link": f'<{target}>; rel="next"', "Refresh": f"0; url={target}"}
    return Told(status, b'{"next": "%s"}' % target.encode(), headers=headers)


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_answer_leads_anywhere_else(name: str, status: int) -> None:
    elsewhere: list[Asked] = []

    def other(asked: Asked) -> Told:
        elsewhere.append(asked)
        return Told()

    to: dict[str, str] = {}
    with (
        answering(other) as trap,
        answering(lambda _: leading(to["target"], status)) as base,
        watched() as seen,
    ):
        port = int(base.rpartition(":")[2])
        for to["target"] in (trap, "http://169.254.169.254/latest", "http://[fd00:ec2::254]/", "http://10.0.0.1/", "//localhost/", "file:///etc/passwd"):  # fmt: skip
            assert asking(name, At("127.0.0.1", port, "http", ("127.0.0.1",)))()
    assert elsewhere == []
    assert set(seen.dialled) == {("127.0.0.1", port)}


HEADS: Mapping[str, tuple[bytes, bytes]] = {
    "from the first byte": (b"", b"H"),
    "in headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "in the body": (b"HTTP/1.1 401 No\r\nContent-Length: 9000\r\n\r\n{", b" "),
    "as a login server": (b"R\x00\x00", b"\x00"),
}


@pytest.mark.parametrize("how", sorted(HEADS))
@pytest.mark.parametrize("name", ASKERS)
def test_who_drips_is_left_when_time_is_up(name: str, how: str) -> None:
    """Counted in drops: a busy machine slows the server as it does the connector."""
    with dripping(*HEADS[how], PACE_S, MOST) as drip:
        at = At("127.0.0.1", drip.port, "http", ("127.0.0.1",), timeout_s=0.3)
        assert asking(name, at)()
    assert drip.connections >= 1
    assert drip.given * PACE_S < at.timeout_s + 4


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ASKERS])
def test_a_list_that_drips_is_left_when_time_is_up(name: str) -> None:
    with dripping(*HEADS["in the body"], PACE_S, MOST) as drip:
        at = At("127.0.0.1", drip.port, "http", ("127.0.0.1",), timeout_s=0.3)
        assert asking(name, at)()
    assert drip.connections >= 1
    assert drip.given * PACE_S < at.timeout_s + 4
