from __future__ import annotations

import errno
import os
import socket
import ssl

import pytest

from pointsman.http1.dial import TunnelRefused
from pointsman.http1.failures import connect_failed, connection_broke, too_slow


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"),
            "connect to x:1: connection refused.",
        ),
        (socket.gaierror(-2, "Name or service"), "connect to x:1: the name cannot be resolved."),
        (
            OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH)),
            "connect to x:1 failed: Network is unreachable.",
        ),
        (TunnelRefused("the proxy closed the tunnel"), "connect to x:1 failed: the proxy closed the tunnel."),
        (ConnectionResetError(), "connect to x:1 failed: ConnectionResetError."),
        (ssl.SSLError(), "TLS to x:1 failed: handshake broken off."),
    ],
)
def test_connect(error: OSError, message: str) -> None:
    mapped = connect_failed(error, "x:1")
    assert mapped.message == message
    assert not mapped.sent
    assert mapped.retryable


def test_after_sending_the_server_may_have_acted() -> None:
    broken = connection_broke(
        ConnectionResetError(104, "Connection reset by peer"), "x:1", "before an answer came"
    )
    assert broken.message == "The connection to x:1 broke before an answer came: Connection reset by peer."
    assert connection_broke(None, "x:1", "early").message == "x:1 closed the connection early."
    assert connection_broke(ValueError("secret"), "x:1", "early").message.endswith("early: ValueError.")
    assert broken.sent


def test_timeouts_name_what_and_how_long() -> None:
    error = too_slow("connect to x:1", 5.0, sent=False)
    assert (error.message, error.sent) == ("connect to x:1 took longer than 5.0 s.", False)
    assert too_slow("x", 1).sent
