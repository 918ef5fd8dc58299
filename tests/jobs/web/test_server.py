from __future__ import annotations

import socket

import pytest

from correlate.errors import ConfigError
from jobs.web.server import is_inside, listening


@pytest.mark.parametrize("address", ["0", "127.0.0.1:0", ":0"])
def test_a_port_alone_is_on_loopback(address: str) -> None:
    with listening(address) as bound:
        assert bound.getsockname()[0] == "127.0.0.1"
        assert is_inside(bound)


def test_other_addresses_have_to_be_asked_for() -> None:
    with listening("0.0.0.0:0") as bound:
        assert not is_inside(bound)


@pytest.mark.parametrize(
    "address",
    ["", "x", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1", "localhost:80",
     "idp.example:443", "[::1", "192.0.2.1:0"],
)  # fmt: skip
def test_what_is_no_address_of_ours_is_refused(address: str) -> None:
    with pytest.raises(ConfigError) as caught:
        listening(address).close()
    assert "--listen" in caught.value.where


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError):
        listening(str(taken.getsockname()[1])).close()
