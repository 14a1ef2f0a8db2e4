"""Contract: connections are reused, limited, queued for fairly, and never leak."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import PointsmanError, UpstreamTimeout
from pointsman.http1 import Timeouts, Transport
from tests.support.http_server import Peer, RawServer, echo
from tests.support.transport_contract.case import BRIEF, PATIENT, MakeTransport, post


async def _call(transport: Transport, url: str, body: bytes) -> bytes:
    return await (await transport.send(post(url, body), PATIENT)).read()


async def check_reuse(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make()
        for number in range(10):
            body = b"%d" % number
            assert await _call(transport, server.url(f"/{number % 3}"), body) == body
        assert server.accepted == 1
        await transport.close()
        await server.empty()


async def check_an_unread_answer_that_is_whole_frees_its_connection(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make()
        first = await transport.send(post(server.url(), b"first"), PATIENT)
        assert await _call(transport, server.url(), b"second") == b"second"
        assert await first.read() == b"first"
        assert server.accepted == 1
        await transport.close()


async def check_idle_connection_closed_by_the_server(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        for _ in range(3):
            call = asyncio.ensure_future(_call(transport, server.url(), b""))
            peer = await server.accept()  # a new one each time
            await peer.request()
            peer.answer()
            assert await call == b"ok"
            peer.close()
            await server.empty()
        await transport.close()


async def check_unsolicited_bytes_close_an_idle_connection(make: MakeTransport) -> None:
    """Whether they come in the answer's own segment or later: they must not become the next answer."""
    surplus = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    for together in (True, False):
        for bad in (surplus, b"garbage", b"H"):
            async with RawServer() as server:
                transport = make()
                call = asyncio.ensure_future(_call(transport, server.url(), b""))
                peer = await server.accept()
                await peer.request()
                if together:
                    peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", bad)
                    assert await call == b"ok"
                else:
                    peer.answer()
                    assert await call == b"ok"
                    peer.send(bad)
                await peer.gone()
                call = asyncio.ensure_future(_call(transport, server.url(), b""))
                peer = await server.accept()
                await peer.request()
                peer.answer(b"good")
                assert await call == b"good"
                await transport.close()


async def check_keep_alive_expires(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make(keep_alive=BRIEF)
        assert await _call(transport, server.url(), b"x") == b"x"
        await server.empty()
        assert await _call(transport, server.url(), b"y") == b"y"
        assert server.accepted == 2
        await transport.close()


async def check_max_idle(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_idle=1)
        calls = [asyncio.ensure_future(_call(transport, server.url(), b"")) for _ in range(3)]
        peers = [await server.accept() for _ in calls]
        for peer in peers:
            await peer.request()
            peer.answer()
        await asyncio.gather(*calls)
        await server.until(lambda: sum(peer.eof for peer in peers) == 2)
        call = asyncio.ensure_future(_call(transport, server.url(), b""))
        (kept,) = [peer for peer in peers if not peer.eof]
        await kept.request()
        kept.answer(b"kept")
        assert await call == b"kept"
        await transport.close()


async def check_limit_and_queue_in_order(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_connections=1)
        calls = []
        for number in range(5):
            calls.append(asyncio.ensure_future(_call(transport, server.url(), b"%d" % number)))
            await asyncio.sleep(0)
        peer = await server.accept()
        for number in range(5):
            assert (await peer.request()).body == b"%d" % number
            peer.answer(b"%d" % number)
        assert await asyncio.gather(*calls) == [b"0", b"1", b"2", b"3", b"4"]
        assert server.most == 1
        await transport.close()


async def check_a_broken_connection_lets_the_next_in_the_queue_open_one(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_connections=1)
        first = asyncio.ensure_future(_call(transport, server.url(), b"1"))
        peer = await server.accept()
        await peer.request()
        second = asyncio.ensure_future(_call(transport, server.url(), b"2"))
        third = asyncio.ensure_future(_call(transport, server.url(), b"3"))
        await asyncio.sleep(0)
        second.cancel()  # and whoever gives up in the queue is passed over
        peer.reset()
        with pytest.raises(PointsmanError):
            await first
        peer = await server.accept()
        assert (await peer.request()).body == b"3"
        peer.answer(b"three")
        assert await third == b"three"
        await transport.close()


async def check_a_failed_dial_lets_the_next_in_the_queue_try(make: MakeTransport) -> None:
    async with RawServer() as server:
        port = server.port
    transport = make(max_connections=1)
    calls = [_call(transport, f"http://127.0.0.1:{port}/", b"") for _ in range(50)]
    async with asyncio.timeout(10):
        results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, PointsmanError) for result in results)
    await transport.close()


async def check_waiting_in_the_queue_ends_with_the_total_time(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_connections=1)
        first = asyncio.ensure_future(_call(transport, server.url(), b"1"))
        peer = await server.accept()
        await peer.request()
        with pytest.raises(UpstreamTimeout, match="free connection") as caught:
            await transport.send(post(server.url()), Timeouts(total=BRIEF))
        assert not caught.value.sent
        peer.answer()
        assert await first == b"ok"
        assert await _call_with(transport, server, peer) == b"ok"
        await transport.close()


async def _call_with(transport: Transport, server: RawServer, peer: Peer) -> bytes:
    call = asyncio.ensure_future(_call(transport, server.url(), b""))
    await peer.request()
    peer.answer()
    return await call


async def check_two_thousand_over_sixty_four(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make(max_connections=64)
        before = asyncio.all_tasks()
        calls = [_call(transport, server.url(), b"%d" % number) for number in range(2000)]
        results = await asyncio.gather(*calls)
        assert results == [b"%d" % number for number in range(2000)]
        assert server.accepted == 64
        assert len(asyncio.all_tasks() - before) <= 64  # the server's own
        await transport.close()
        await server.empty()


async def check_cancelling_many_at_any_moment_leaks_nothing(make: MakeTransport) -> None:
    """A third is cancelled, each a step of the loop later; the others all get their own answer."""
    async with RawServer(echo) as server:
        transport = make(max_connections=8)
        calls = [asyncio.ensure_future(_call(transport, server.url(), b"%d" % n)) for n in range(600)]
        victims = iter(calls[::3])
        while not all(call.done() for call in calls):
            victim = next(victims, None)
            if victim is not None:
                victim.cancel()
            await asyncio.sleep(0)
        for number, call in enumerate(calls):
            if not call.cancelled():
                assert call.result() == b"%d" % number
        assert sum(not call.cancelled() for call in calls) >= 400
        # the server may see an end later than we began anew: never more of ours than allowed at our end
        assert await asyncio.gather(*(_call(transport, server.url(), b"a") for _ in range(64))) == [b"a"] * 64
        await transport.close()
        await server.empty()
