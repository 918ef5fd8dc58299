from __future__ import annotations

import ipaddress

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


def test_addresses_come_once_and_in_order() -> None:
    found = admitted(["10.0.0.1", "192.0.2.1", "8.8.8.8", "1.1.1.1", "8.8.8.8"], internal=False)
    assert found == ("8.8.8.8", "1.1.1.1")
    assert reachable("fe80::1%eth0", internal=True) is False
