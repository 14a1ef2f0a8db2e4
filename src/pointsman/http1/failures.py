"""Foreign errors of sockets, name look-up and TLS, said in our words. The one place that maps them."""

from __future__ import annotations

import socket
import ssl

from pointsman.errors import UpstreamTimeout, UpstreamUnreachable


def connect_failed(error: OSError, place: str) -> UpstreamUnreachable:
    """No connection came about, so nothing of a request was sent.

    Args:
        place: host:port, with the proxy if one is used.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"TLS to {place}: the certificate is not trusted: {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        text = f"TLS to {place} failed: {getattr(error, 'reason', None) or 'handshake broken off'}"
    elif isinstance(error, socket.gaierror):
        text = f"connect to {place}: the name cannot be resolved"
    elif isinstance(error, ConnectionRefusedError):
        text = f"connect to {place}: connection refused"
    else:
        text = f"connect to {place} failed: {error.strerror or str(error) or type(error).__name__}"
    return UpstreamUnreachable(f"{text.rstrip('.')}.", sent=False)


def connection_broke(error: Exception | None, place: str, phase: str) -> UpstreamUnreachable:
    """The connection ended while ``phase`` ("before an answer came", …). The request may have arrived."""
    if error is None:
        closed = UpstreamUnreachable(f"{place} closed the connection {phase}.")
        closed.seen_all = True
        return closed
    reason = error.strerror if isinstance(error, OSError) else None
    return UpstreamUnreachable(f"The connection to {place} broke {phase}: {reason or type(error).__name__}.")


def too_slow(what: str, seconds: float | None, *, sent: bool = True) -> UpstreamTimeout:
    """``what`` ("connect to host:443", …) took longer than it may."""
    return UpstreamTimeout(f"{what} took longer than {seconds} s.", sent=sent)
