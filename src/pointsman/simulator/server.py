"""Runs the simulator under uvicorn until it is told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from pointsman.errors import ConfigurationError

from .asgi import Simulator


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, simulator: Simulator, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._simulator = simulator
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._simulator.stop()
        await super().shutdown(sockets)


def run(simulator: Simulator, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        port: 0 takes a free one.
        ready: called with the address, as in ``http://127.0.0.1:9000``, once connections are taken.

    Raises:
        ConfigurationError: the address cannot be bound.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        simulator,
        http="httptools",
        ws="none",
        access_log=False,
        proxy_headers=False,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    # uvicorn raises the signals that it took again when it has stopped; stopping was all they asked for.
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        _Server(config, simulator, lambda: ready(address)).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # TCP is named, or asyncio's own loop leaves Nagle's algorithm on, and small writes wait 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = (
            f"The simulator cannot listen on {host}, port {port}: {error.strerror}. Choose another --port."
        )
        raise ConfigurationError(message, param="port") from None
    return listener


def _ignore(_number: int, _frame: FrameType | None) -> None:
    return None
