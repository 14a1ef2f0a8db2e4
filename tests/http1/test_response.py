from __future__ import annotations

import asyncio
import gzip

import pytest

from pointsman.errors import UpstreamMalformed, UpstreamUnreachable
from pointsman.http1.response import DRAIN_MAX, HIGH_WATER, READ_MAX, Response
from tests.support.http_source import StubSource


def _response(source: StubSource, **headers: str) -> Response:
    return Response(200, {name.replace("_", "-"): value for name, value in headers.items()}, source)


async def test_a_whole_answer_is_read_without_waiting() -> None:
    source = StubSource()
    response = _response(source)
    response.push(b"a")
    response.push(b"b")
    response.complete()
    assert await response.read() == b"ab"
    assert await response.read() == b""
    assert [chunk async for chunk in response.chunks()] == []
    assert (source.waits, source.calls) == ([], [])


async def test_chunks_come_joined_as_far_as_they_have_arrived() -> None:
    source = StubSource()
    response = _response(source)
    chunks = response.chunks()
    response.push(b"a")
    response.push(b"b")
    assert await anext(chunks) == b"ab"
    waiting = asyncio.ensure_future(anext(chunks))
    source.wake()  # for nothing: it waits on
    await asyncio.sleep(0)
    response.push(b"c")
    source.wake()
    assert await waiting == b"c"
    response.complete()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)


async def test_what_came_before_an_error_is_read_first() -> None:
    response = _response(StubSource())
    response.push(b"a")
    response.fail(UpstreamUnreachable("broke"))
    response.fail(UpstreamUnreachable("later"))
    chunks = response.chunks()
    assert await anext(chunks) == b"a"
    for _ in range(2):
        with pytest.raises(UpstreamUnreachable, match="broke"):
            await anext(chunks)
    with pytest.raises(UpstreamUnreachable, match="broke"):
        await response.read()


async def test_reading_goes_on_when_much_was_taken() -> None:
    source = StubSource()
    response = _response(source)
    response.push(bytes(HIGH_WATER))
    await anext(response.chunks())
    assert source.calls == []
    response.push(bytes(HIGH_WATER + 1))
    await anext(response.chunks())
    assert source.calls == ["resume"]


async def test_read_has_an_end() -> None:
    source = StubSource()
    response = _response(source)
    block = bytes(1 << 20)
    reading = asyncio.ensure_future(response.read())
    for _ in range(READ_MAX // len(block) + 1):
        await asyncio.sleep(0)
        response.push(block)
        source.wake()
    with pytest.raises(UpstreamMalformed, match="larger than"):
        await reading
    assert source.calls[-1] == "abort"


async def test_encoded_bodies() -> None:
    response = _response(StubSource(), content_encoding="GZIP", content_length="99", x="y")
    assert response.headers == {"x": "y"}
    data = gzip.compress(b"hello")
    response.push(data[:5])
    assert response.unread == 0
    response.push(data[5:])
    response.complete()
    assert await response.read() == b"hello"
    cut = _response(StubSource(), content_encoding="gzip")
    cut.push(data[:-3])
    cut.complete()
    with pytest.raises(UpstreamMalformed):
        await cut.read()
    plain = _response(StubSource(), content_encoding="Identity", content_length="1")
    plain.push(b"x")
    plain.complete()
    assert await plain.read() == b"x"


async def test_closing_ends_the_connection_once_and_never_looks_like_the_end_of_the_body() -> None:
    source = StubSource()
    response = _response(source)
    response.push(b"a")
    assert await response.close() == b""
    assert await response.close(drain=1.0) == b""
    assert source.calls == ["abort"]
    with pytest.raises(UpstreamUnreachable, match="closed before its end"):
        await response.read()


async def test_closing_a_whole_answer_leaves_the_connection_alone() -> None:
    source = StubSource()
    response = _response(source)
    response.push(b"a")
    response.complete()
    assert await response.close(drain=1.0) == b"a"
    assert await response.close() == b""
    assert source.calls == []


async def test_draining_collects_until_its_time() -> None:
    source = StubSource()
    response = _response(source)
    response.push(b"a")
    draining = asyncio.ensure_future(response.close(drain=2.0))
    await asyncio.sleep(0)
    response.push(b"b")
    source.wake()
    await asyncio.sleep(0)
    source.time = 2.0
    source.wake()
    assert await draining == b"ab"
    assert source.waits == [2.0, 2.0]
    assert source.calls == ["finish", "abort"]


async def test_draining_ends_with_an_error_a_flood_or_at_once_where_no_side_can_be_closed() -> None:
    source = StubSource()
    response = _response(source)
    draining = asyncio.ensure_future(response.close(drain=2.0))
    await asyncio.sleep(0)
    response.push(b"a")
    response.fail(UpstreamUnreachable("broke"))
    source.wake()
    assert await draining == b"a"
    response = _response(source)
    response.push(bytes(DRAIN_MAX))
    assert len(await response.close(drain=2.0)) == DRAIN_MAX
    secure = StubSource(halves=False)
    response = _response(secure)
    response.push(b"a")
    assert await response.close(drain=2.0) == b"a"
    assert secure.calls == ["finish", "abort"]
