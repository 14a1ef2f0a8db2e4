"""The contract of ``Transport``, run over our implementation on both event loops."""

from __future__ import annotations

import asyncio
import gc
import ssl
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import pytest
import uvloop

from pointsman.errors import ConfigurationError
from pointsman.http1 import Http1Transport, HttpRequest, PoolLimits, ProxyRules, Timeouts, client_context
from tests.support.http_server import PATIENCE, RawServer, echo
from tests.support.transport_contract import answers, failures, pooling, ways
from tests.support.transport_contract.case import Check

_LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def _checks(*modules: ModuleType) -> list[Check]:
    return [value for module in modules for name, value in vars(module).items() if name.startswith("check_")]


def _make(
    *,
    max_connections: int = 1000,
    max_idle: int = 256,
    keep_alive: float = 50.0,
    environment: Mapping[str, str] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Http1Transport:
    return Http1Transport(
        proxies=ProxyRules.from_environment(environment or {}),
        limits=PoolLimits(max_connections, max_idle, keep_alive),
        tls=client_context if tls is None else lambda: tls,
    )


def _run(check: Check, factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    """Also fails on anything the loop reports, and on a task or future that outlives the check."""
    reported: list[dict[str, Any]] = []

    async def guarded() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context))
        await check(_make)
        gc.collect(1)  # futures whose exception nobody took complain when they are collected
        async with asyncio.timeout(PATIENCE):
            while others := asyncio.all_tasks() - {asyncio.current_task()}:  # a server's handshakes end soon
                await asyncio.wait(others)

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(guarded())
    assert reported == []


@pytest.mark.parametrize("loop", _LOOPS)
@pytest.mark.parametrize(
    "check", _checks(answers, failures, pooling, ways), ids=lambda check: check.__name__[6:]
)
def test_contract(check: Check, loop: str) -> None:
    _run(check, _LOOPS[loop])


async def test_bad_addresses_are_named() -> None:
    transport = Http1Transport()
    with pytest.raises(ConfigurationError, match="https://host/path"):
        await transport.send(HttpRequest("GET", "ftp://x/"), Timeouts())
    await transport.close()


async def test_routes_are_bounded_and_connections_outlive_them() -> None:
    async with RawServer(echo) as server:
        transport = Http1Transport()
        for number in range(1100):
            response = await transport.send(HttpRequest("POST", server.url(f"/{number}")), Timeouts())
            await response.read()
        assert server.accepted == 1
        await transport.close()


async def test_the_environment_is_read_when_asked() -> None:
    async with RawServer() as proxy:
        transport = Http1Transport.from_environment({"all_proxy": f"127.0.0.1:{proxy.port}"})
        call = asyncio.ensure_future(transport.send(HttpRequest("GET", "http://upstream.test/"), Timeouts()))
        peer = await proxy.accept()
        assert (await peer.request()).line == "GET http://upstream.test/ HTTP/1.1"
        peer.answer()
        assert (await call).status == 200
        await transport.close()
