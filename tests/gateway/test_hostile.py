"""Requests that nobody should send: a clear 4xx in the caller's dialect, and all else goes on as before."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.gateway.build import FrontDoor
from pointsman.keys import KeyDirectory
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.hostile import Target, closed, head, judge, target
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL
from tests.support.some_keys import a_key, stored
from tests.support.stack import settings
from tests.support.upstream import Scripted, Wait

COUNT = "/v1/messages/count_tokens"
MB = 2**20


def said(**fields: Any) -> bytes:
    return msgspec.json.encode(ask(OPENAI_MODEL) | fields)


DEEP = b'{"model":"gpt-6-luna","max_tokens":9,"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
DEEP_INSIDE = said(metadata=None).replace(b"null", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
UNCLOSED = said(metadata=None).replace(b"null", b"[" * 100_000)
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "malformed": b'{"model": "gpt-6-luna", "messages": [',
    "two values": said() + said(),
    "not JSON": b"model=gpt-6-luna",
    "NaN": said().replace(b"100", b"NaN"),
    "zero bytes": b"\x00" * 1000,
    "bad UTF-8": said().replace(b"Why", b"W\xff\xfe"),
    "bad UTF-8 in the model": said().replace(b"luna", b"lun\xff"),
    "UTF-16": said().decode().encode("utf-16"),
    "a list": b"[]",
    "a string": b'"hello"',
    "null": b"null",
    "a number": b"1e400",
    "deep": DEEP,
    "deep inside": DEEP_INSIDE,
    "deep and unclosed": UNCLOSED,
    "no model": b'{"messages":[],"max_tokens":1}',
    "model is a number": said(model=7),
    "model is empty": said(model=""),
    "model is null": said(model=None),
    "model is long": said(model="x" * 100_000),
    "no messages": b'{"model":"gpt-6-luna","max_tokens":1}',
    "messages are text": said(messages="Hi"),
    "messages are null": said(messages=None),
    "stream is text": said(stream="yes"),
    "max_tokens is text": said(max_tokens="many"),
    "max_tokens is negative": said(max_tokens=-1),
    "max_tokens is enormous": said().replace(b"100", b"1" + b"0" * 400),
}


@pytest.mark.parametrize("path", [CHAT, MESSAGES, COUNT])
async def test_bodies(path: str) -> None:
    async with target() as its:
        for name, body in BODIES.items():
            if path == COUNT and name.startswith(("max_tokens", "stream", "NaN")):
                continue  # fields that counting does not look at: they are the provider's to judge
            answer = await its.post(path, body)
            try:
                judge(path, answer.status, answer.body)
            except AssertionError as error:
                raise AssertionError(f"{name}: {answer}") from error
            assert "x-request-id" in answer.headers, name
            assert answer.headers["x-should-retry"] == "false", name
        assert its.rig.transport.requests == []
        await its.still_serves()


async def test_depth_that_the_dialect_can_say_passes_in_its_own_dialect() -> None:
    """A schema of 50 levels is somebody's real one; and what the decoder could not take must not be sent."""
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(50):
        schema = {"type": "object", "properties": {"x": schema}}
    tool = {"type": "function", "function": {"name": "f", "parameters": schema}}
    async with target() as its:
        assert (await its.post(CHAT, said(tools=[tool]))).status == 200
        crossed = await its.post(CHAT, said(tools=[tool], model=ANTHROPIC_MODEL))
        assert crossed.status == 200


SMALL = settings(server={"max_body_mb": 2})


async def body_in_pieces(its: Target, path: str, *lines: str, chunked: bool, size: int) -> tuple[int, bytes]:
    """Send a whole large body, and then a good request behind it on the same connection."""
    connection = await its.open()
    framing = "transfer-encoding: chunked" if chunked else f"content-length: {size}"
    connection.writer.write(head(path, framing, *lines))
    piece = b"x" * MB
    async with asyncio.timeout(60):
        for _ in range(size // MB):
            connection.writer.write(b"%x\r\n%s\r\n" % (MB, piece) if chunked else piece)
            await connection.writer.drain()
        if chunked:
            connection.writer.write(b"0\r\n\r\n")
        answer = await connection.receive()
        await its.still_serves(connection)
    await connection.close()
    return answer.status, answer.body


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_64_megabytes_are_refused_and_the_connection_lives_on(path: str, chunked: bool) -> None:
    async with target() as its:
        status, body = await body_in_pieces(its, path, chunked=chunked, size=64 * MB)
        assert status == 413
        assert judge(path, status, body) == (
            "request_too_large" if path == MESSAGES else "invalid_request_error"
        )
        assert b"32 MB" in body
        await its.still_serves()


async def test_what_declares_to_be_too_large_is_refused_before_it_is_sent() -> None:
    async with target(given=SMALL) as its:
        answer = await its.raw(head(MESSAGES, "content-length: 3000000"))
        assert judge(MESSAGES, answer.status, answer.body) == "request_too_large"
        assert answer.status == 413


async def test_the_largest_body_that_is_taken_is_taken() -> None:
    async with target(given=SMALL) as its:
        body = said(metadata={"x": ""})
        full = body.replace(b'""', b'"' + b"x" * (2 * MB - len(body)) + b'"')
        assert len(full) == 2 * MB
        assert (await its.post(CHAT, full)).status == 200
        assert (await its.post(CHAT, full + b" ")).status == 413


async def test_expecting_to_continue() -> None:
    async with target(given=SMALL) as its:
        connection = await its.open()
        body = said()
        connection.writer.write(head(CHAT, f"content-length: {len(body)}", "expect: 100-continue"))
        assert (await connection.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        connection.writer.write(body)
        assert (await connection.receive()).status == 200
        connection.writer.write(head(CHAT, "content-length: 3000000", "expect: 100-continue"))
        refused = await connection.receive()
        assert (refused.status, refused.headers["connection"]) == (413, "close")
        assert await closed(connection) == b"", "no body follows: nothing behind it may be taken for one"
        await connection.close()
        await its.still_serves()


# -- who asks for what

KEYED = FrontDoor(KeyDirectory([stored(1), stored(2, revoked_us=1)]))
WRONG_KEYS: dict[str, tuple[str, ...]] = {
    "missing": (),
    "empty": ("authorization: Bearer ",),
    "a provider's": ("authorization: Bearer sk-ant-api03-abcdefgh",),
    "a typo": (f"x-api-key: {a_key(1)[:-1]}!",),
    "cut off": (f"authorization: Bearer {a_key(1)[:-5]}",),
    "unknown": (f"x-api-key: {a_key(3)}",),
    "revoked": (f"authorization: Bearer {a_key(2)}",),
    "another scheme": ("authorization: Basic cG06cG0=",),
    "bytes": ("authorization: Bearer \xff\xfe",),
    "long": ("x-api-key: pm_" + "x" * 10_000,),
}


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_keys(path: str) -> None:
    async with target(door=KEYED) as its:
        for name, lines in WRONG_KEYS.items():
            answer = await its.post(path, said(), *lines)
            assert answer.status == 401, name
            kind = judge(path, answer.status, answer.body)
            assert kind == ("authentication_error" if path == MESSAGES else "invalid_request_error"), name
            sent = " ".join(lines).partition(": ")[2].removeprefix("Bearer ")
            assert len(sent) < 8 or sent.encode("latin-1") not in answer.body, name
        assert its.rig.transport.requests == []
        assert (await its.post(path, said(), f"x-api-key: {a_key(1)}")).status == 200


async def test_a_key_is_looked_at_before_a_body_is() -> None:
    async with target(door=KEYED) as its:
        answer = await its.raw(head(CHAT, "content-length: 1000000"))
        assert answer.status == 401


UNKNOWN_MODELS = [
    "gpt-6-lunar",
    "../etc/passwd",
    "preset:none",
    "\0",
    "gpt-6-luna ",
    "nobody/x",
    "☃" * 99,
]


@pytest.mark.parametrize("path", [CHAT, MESSAGES, COUNT])
async def test_unknown_models(path: str) -> None:
    async with target() as its:
        for name in UNKNOWN_MODELS:
            answer = await its.post(path, said(model=name))
            assert answer.status == 404, name
            judge(path, answer.status, answer.body)
        suggested = await its.post(path, said(model="gpt-6-lunar"))
        assert b"Did you mean gpt-6-luna" in suggested.body
        assert its.rig.transport.requests == []


WRONG_PLACES: list[tuple[str, str, int]] = [
    ("POST", "/", 404),
    ("POST", "/v1/chat/completions/", 404),
    ("POST", "/v1/v1/chat/completions", 404),
    ("POST", "/v1/messages/../chat/completions", 404),
    ("POST", "/v1/messages/batches", 404),
    ("POST", "/v1/chat%2Fcompletions", 200),
    ("POST", "//v1/chat/completions", 404),
    ("POST", "/v1/%ff%fe", 404),
    ("POST", "/v1/" + "x" * 10_000, 404),
    ("GET", CHAT, 405),
    ("PUT", MESSAGES, 405),
    ("DELETE", COUNT, 405),
    ("OPTIONS", CHAT, 405),
    ("PATCH", "/v1/models", 405),
    ("POST", "/health", 405),
    ("TRACE", CHAT, 405),
]


@pytest.mark.parametrize(("method", "path", "status"), WRONG_PLACES)
async def test_wrong_places(method: str, path: str, status: int) -> None:
    async with target() as its:
        body = said()
        answer = await its.raw(head(path, f"content-length: {len(body)}", method=method) + body)
        assert answer.status == status
        if status != 200:
            judge(path, answer.status, answer.body)
        await its.still_serves()


async def test_head_is_answered_without_a_body() -> None:
    async with target() as its:
        connection = await its.open()
        connection.writer.write(head("/v1/models", method="HEAD"))
        answer = await connection.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 405 ")
        await its.still_serves(connection)
        await connection.close()


# -- clients that leave, or never read


async def test_a_client_that_closes_in_the_midst_of_its_body_is_forgotten() -> None:
    async with target() as its:
        for _ in range(20):
            connection = await its.open()
            connection.writer.write(head(CHAT, "content-length: 1000") + b'{"model":')
            await connection.writer.drain()
            await connection.close()
        await its.still_serves()
        assert len(its.rig.ledger.entries) == 2, "of the good ones"


MANY = 400


async def test_a_client_that_never_reads_fills_no_memory() -> None:
    chunk = b'{"choices":[{"index":0,"delta":{"content":"x"}}],"obfuscation":"%s"}' % (b"x" * 100_000)
    event = b"data: " + chunk + b"\n\n"
    async with target() as its:
        its.rig.transport.then(Scripted(body=[*[event] * MANY, Wait.UNTIL_LEFT]))
        connection = await its.open()
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # asyncio's own has it
        body = said(stream=True)
        connection.writer.write(head(CHAT, f"content-length: {len(body)}") + body)
        await its.rig.transport.asked.wait()
        left, quiet = MANY, 0
        async with asyncio.timeout(20):
            while quiet < 1_000:  # turns of the loop in which nothing more was taken
                await asyncio.sleep(0)
                unread = its.rig.transport.responses[0].unread if its.rig.transport.responses else MANY
                quiet = quiet + 1 if unread == left < MANY else 0
                left = unread
        assert left > MANY // 2, "what the sockets' buffers hold was taken, and no more"
        await its.still_serves()
        connection.writer.transport.abort()
        await its.rig.ledger.has(3)
        assert its.rig.ledger.entries[-1].outcome == "cut"
        await its.still_serves()


async def test_a_client_that_leaves_a_stream_is_noticed() -> None:
    async with target() as its:
        its.rig.transport.then(Scripted(before=Wait.UNTIL_LEFT, body=b"{}"))
        connection = await its.open()
        body = said()
        connection.writer.write(head(CHAT, f"content-length: {len(body)}") + body)
        await its.rig.transport.asked.wait()
        await connection.close()
        await its.rig.ledger.has(1)
        assert its.rig.entry.outcome == "cut"
