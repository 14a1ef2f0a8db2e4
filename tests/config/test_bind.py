from __future__ import annotations

import pytest

from pointsman.config import check_admin_bind, check_bind, is_loopback
from pointsman.errors import ConfigurationError

LOOPBACK = ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost", "LocalHost", "::ffff:127.0.0.1"]
REACHABLE = [
    "0.0.0.0",
    "::",
    "",
    "10.0.0.1",
    "192.168.1.2",
    "fe80::1%eth0",
    "example.com",
    "localhost.evil.com",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_may_be_bound_without_keys(host: str) -> None:
    assert is_loopback(host) is True
    check_bind(host, has_keys=False)


@pytest.mark.parametrize("host", REACHABLE)
def test_another_address_without_keys_is_refused_with_the_command_that_makes_one(host: str) -> None:
    assert is_loopback(host) is False
    with pytest.raises(ConfigurationError, match="pointsman keys create") as caught:
        check_bind(host, has_keys=False)
    assert caught.value.param == "server.host"
    check_bind(host, has_keys=True)


def test_the_admin_listener_is_for_this_machine_only() -> None:
    for host in LOOPBACK:
        check_admin_bind(host)
    for host in REACHABLE:
        with pytest.raises(ConfigurationError, match=r"^server\.admin_host: ") as caught:
            check_admin_bind(host)
        assert caught.value.param == "server.admin_host"
