"""Which network addresses a call may reach: the guard against being led to an inside service."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
# Services that a cloud gives each machine beside itself, which hand out its credentials, and ranges
# that nothing of anybody's stands in. Not all of them count as private.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",  # RFC 1122: this host
            "192.0.0.0/24",  # RFC 6890; Oracle's older metadata address lies in it
            "fec0::/10",  # RFC 3879: site-local, deprecated
            # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
            "fd00:ec2::/32",
            # unverified, refused to be safe: https://cloud.google.com/compute/docs/metadata/querying-metadata
            "fd20:ce::254/128",
            # https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
            "100.100.100.200/32",
            # https://learn.microsoft.com/en-us/azure/virtual-network/what-is-ip-address-168-63-129-16
            "168.63.129.16/32",
        ),
    )
)


def reachable(address: str, *, internal: bool) -> bool:
    """Say whether a call may go to `address`.

    Public addresses only; `internal` also admits loopback, private, shared (RFC 6598) and
    unique local ones. Link-local, a cloud's metadata service, multicast, unspecified and
    reserved addresses are never admitted, nor hidden in an IPv6 form of an IPv4 address.
    """
    ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    if any(ip in network for network in _NEVER):
        return False
    if ip.is_loopback:  # before "reserved", which holds ::1
        return internal
    if ip.is_reserved:
        return False
    return ip.is_global or internal


def is_address(host: str) -> bool:
    """Whether `host` is an address already, and no name."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def admitted(addresses: Iterable[str], *, internal: bool) -> tuple[str, ...]:
    """Return those of `addresses` that a call may reach, in order, each once."""
    return tuple(dict.fromkeys(a for a in addresses if reachable(a, internal=internal)))


def _plain(ip: Address) -> Address:
    """Unwrap the IPv4 address inside an IPv6 one: a kernel or a gateway would do so too."""
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def looked_up(resolve: Resolve, host: str, port: int, seconds: float) -> tuple[str, ...]:
    """Return the addresses that `resolve` gives for a host, none when it fails or takes too long."""
    found: list[str] = []
    whole = threading.Event()

    def ask() -> None:
        try:
            found.extend(resolve(host, port))
        except (OSError, ValueError):  # gaierror, and names that no resolver can be asked for
            return
        whole.set()

    if is_address(host):
        ask()  # which asks nobody
    else:
        asker = threading.Thread(target=ask, daemon=True)  # a resolver knows no deadline
        asker.start()
        asker.join(seconds)
    return tuple(found) if whole.is_set() else ()
