"""Resumable streams against an oracle: clients leave and come back anywhere, as themselves or as others,
streams go on and end, and time passes, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from pointsman.config.streams import StreamSettings
from pointsman.errors import PointsmanError
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.resume.resumable import ResumableStreams
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo
from tests.support.arrivals import an_arrival
from tests.support.virtual_time import run_virtual

LINGER, KEEP = 10.0, 25.0
SETTINGS = StreamSettings(linger=LINGER, keep=KEEP)
BODIES = [b'{"model":"m","stream":true,"messages":[{"role":"user","content":"%d"}]}' % n for n in range(2)]
KEYS = [KeyInfo(id=f"key_{n}", name="", tenant=f"t{n}") for n in range(2)]

Op = tuple[Any, ...]
which = st.sampled_from([0, 0, 1, 2])
share = st.sampled_from([0.0, 0.4, 1.0, 1.0, 1.5])
as_whom = st.sampled_from([(0, 0), (0, 0), (1, 0), (0, 1)])
OPS = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 1), st.integers(0, 1)),
    st.tuples(st.just("leave"), which),
    st.tuples(st.just("return_"), which, share, as_whom),
    st.tuples(st.just("return_"), which, share, as_whom),
    st.tuples(st.just("browse"), which, share),
    st.tuples(st.just("go_on"), which, st.integers(1, 3)),
    st.tuples(st.just("go_on"), which, st.integers(1, 3)),
    st.tuples(st.just("end"), which),
    st.tuples(st.just("stop"), which),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 6.0, 11.0, 26.0])),
)


class Client(msgspec.Struct):
    leave: Leave
    had: int
    """Events it says that it has."""
    task: asyncio.Task[None] | None = None
    status: int = 0
    refused: int = 0
    said: bytes = b""
    ended: bool = False

    async def read(self, coming: Any) -> None:
        try:
            answer: Answer = await coming
        except PointsmanError as error:
            self.refused = error.status
            return
        self.status = answer.status
        if isinstance(answer.body, bytes):
            return
        async for piece in answer.body:
            self.said += piece
        self.ended = not self.leave.gone


class Stream(msgspec.Struct):
    """The oracle's idea of one."""

    ident: str
    key: int
    body: int
    steps: asyncio.Queue[bytes | None]
    clients: list[Client]
    events: int = 0
    state: str = "live"
    """Or ended, or gone."""
    since: float = 0.0
    """When the last client has left, or it has ended."""
    cut: bool = False

    def text(self, first: int = 0) -> bytes:
        return b"".join(
            b"id: %s:%d\ndata: %d\n\n" % (self.ident.encode(), number, number)
            for number in range(first + 1, self.events + 1)
        )


class Machine:
    def __init__(self) -> None:
        self.streams = ResumableStreams(SETTINGS)
        self.known: list[Stream] = []

    async def run(self, arrival: Arrival) -> Answer:
        stream = self.known[-1]
        arrival.leave.listen(lambda: stream.steps.put_nowait(None))
        return Answer(200, [(b"x-request-id", arrival.request_id.encode())], self._events(stream, arrival))

    async def _events(self, stream: Stream, arrival: Arrival) -> AsyncGenerator[bytes, None]:
        while (piece := await stream.steps.get()) is not None:
            yield piece
        stream.cut = arrival.leave.gone

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)
        now = asyncio.get_running_loop().time()
        for stream in self.known:
            lonely = stream.state == "live" and not stream.clients and now - stream.since >= LINGER
            if lonely or (stream.state == "ended" and now - stream.since >= KEEP):
                stream.state = "gone"

    def ask(self, client: Client, key: int, body: int, ident: str, headers: dict[bytes, bytes]) -> None:
        arrival = an_arrival(
            BODIES[body], request_id=ident, leave=client.leave, key=KEYS[key], path="/v1/x", headers=headers
        )
        client.task = asyncio.ensure_future(client.read(self.streams.around(self.run)(arrival)))

    async def begin(self, key: int, body: int) -> None:
        stream = Stream(f"req_{len(self.known)}", key, body, asyncio.Queue(), [Client(Leave(), 0)])
        self.known.append(stream)
        self.ask(stream.clients[0], key, body, stream.ident, {b"x-pointsman-resumable": b"true"})
        await self.settle()
        assert stream.clients[0].status == 200

    async def leave(self, number: int) -> None:
        stream = self._stream(number)
        if stream is None or not stream.clients:
            return
        stream.clients.pop(0).leave.now()
        if not stream.clients and stream.state == "live":
            stream.since = asyncio.get_running_loop().time()
        await self.settle()

    async def return_(self, number: int, share: float, as_whom: tuple[int, int]) -> None:
        """
        Args:
            share: of the events that there are.
            as_whom: key and body; 1 for another than it was begun with.
        """
        key, body = as_whom
        stream = self._stream(number)
        if stream is None:
            return
        client = Client(Leave(), round(share * stream.events))
        last = b"%s:%d" % (stream.ident.encode(), client.had)
        self.ask(client, stream.key ^ key, stream.body ^ body, "req_another", {b"last-event-id": last})
        await self.settle()
        if stream.state == "gone" or key:
            assert client.refused == 404
        elif body:
            assert client.refused == 409
        elif client.had > stream.events:
            assert client.refused == 400
        else:
            self._is_there(stream, client)

    async def browse(self, number: int, share: float) -> None:
        stream = self._stream(number)
        if stream is None:
            return
        client = Client(Leave(), round(share * stream.events))
        last = {b"last-event-id": b"%s:%d" % (stream.ident.encode(), client.had)} if client.had else {}
        path = f"/v1/requests/{stream.ident}/stream"
        arrival = an_arrival(b"", leave=client.leave, key=KEYS[stream.key], path=path, headers=last)
        client.task = asyncio.ensure_future(client.read(self.streams.or_else(self.run)(arrival)))
        await self.settle()
        if stream.state == "gone":
            assert client.refused == 404
        elif client.had > stream.events:
            assert client.refused == 400
        elif stream.state == "ended" and client.had == stream.events:
            assert client.status == 204
        else:
            self._is_there(stream, client)

    def _is_there(self, stream: Stream, client: Client) -> None:
        assert (client.status, client.said) == (200, stream.text(client.had))
        assert client.ended is (stream.state == "ended")
        if stream.state == "live":
            stream.clients.append(client)

    async def go_on(self, number: int, count: int) -> None:
        stream = self._stream(number)
        if stream is None or stream.state != "live":
            return
        block = b"".join(b"data: %d\n\n" % (stream.events + 1 + more) for more in range(count))
        stream.steps.put_nowait(block)
        stream.events += count
        await self.settle()
        for client in stream.clients:
            assert client.said == stream.text(client.had)

    async def end(self, number: int) -> None:
        stream = self._stream(number)
        if stream is None or stream.state != "live":
            return
        stream.steps.put_nowait(None)
        stream.state, stream.since = "ended", asyncio.get_running_loop().time()
        clients, stream.clients = stream.clients, []
        await self.settle()
        assert all(client.ended for client in clients)
        assert not stream.cut

    async def stop(self, number: int) -> None:
        stream = self._stream(number)
        if stream is None:
            return
        arrival = an_arrival(b"", key=KEYS[stream.key], path=f"/v1/requests/{stream.ident}/stream")
        client = Client(Leave(), 0)
        await client.read(self.streams.stop(arrival))
        assert (client.status, client.refused) == ((0, 404) if stream.state == "gone" else (204, 0))
        live, stream.state, stream.clients = stream.state == "live", "gone", []
        await self.settle()
        assert stream.cut or not live

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.settle()

    def check(self) -> None:
        here = [stream for stream in self.known if stream.state != "gone"]
        assert self.streams.metrics.kept() == len(here)
        assert {name[1] for name in self.streams._streams} == {stream.ident for stream in here}
        assert (self.streams.metrics.held() == 0) is (not here)

    async def play(self, ops: list[Op]) -> None:
        for name, *arguments in [("begin", 0, 0), ("go_on", 0, 2), *ops]:
            await getattr(self, name)(*arguments)
            self.check()
        await self.streams.close()
        assert (self.streams.metrics.held(), len(self.streams._tasks)) == (0, 0)

    def _stream(self, number: int) -> Stream | None:
        """One of the last four."""
        return self.known[-1 - number] if number < len(self.known) else None


@given(st.lists(OPS, max_size=25))
@effort(max_examples=200, deadline=None)
def test_whatever_happens_each_gets_the_rest_or_is_told(ops: list[Op]) -> None:
    async def work() -> None:
        await Machine().play(ops)

    run_virtual(work)
