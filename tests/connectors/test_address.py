from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import admitted, reachable


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_hidden_in_ipv6_is_judged_as_itself(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    for hidden in (
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) | number),
    ):
        for internal in (False, True):
            judged = reachable(str(plain), internal=internal)
            assert reachable(str(hidden), internal=internal) is judged


@given(st.ip_addresses())
def test_what_the_outside_may_reach_the_inside_may_too(ip: object) -> None:
    if reachable(str(ip), internal=False):
        assert reachable(str(ip), internal=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16",
        "192.0.0.192", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe", "::ffff:169.254.169.254",
        "2002:a9fe:a9fe::", "0.0.0.0", "0.1.2.3", "::", "fec0::1", "fe80::1", "224.0.0.1",  # noqa: S104
    ],
)  # fmt: skip
def test_a_clouds_metadata_and_what_is_nobodys_is_reached_by_nobody(address: str) -> None:
    for internal in (False, True):
        assert not reachable(address, internal=internal)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "172.16.9.9", "192.168.0.1", "100.64.0.1", "fd00::1", "::1"])  # fmt: skip
def test_the_organisations_own_are_for_listed_hosts_only(address: str) -> None:
    assert reachable(address, internal=True)
    assert not reachable(address, internal=False)


def test_addresses_come_once_and_in_order() -> None:
    found = admitted(["10.0.0.1", "192.0.2.1", "8.8.8.8", "1.1.1.1", "8.8.8.8"], internal=False)
    assert found == ("8.8.8.8", "1.1.1.1")
    assert reachable("fe80::1%eth0", internal=True) is False
