"""Random and damaged requests: never a 5xx that is not a provider's, never a hang, one entry for each."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.hostile import Target, closed, judge, obliging, target
from tests.support.provider_bytes import ANTHROPIC_MODEL, OPENAI_MODEL

QUICK = settings(max_examples=150, suppress_health_check=list(HealthCheck))
MODELS = st.sampled_from(
    [OPENAI_MODEL, ANTHROPIC_MODEL, "deepseek-v4-pro", "preset:real-time-chat", "openai/x"]
)
PATHS = st.sampled_from([CHAT, MESSAGES, "/v1/messages/count_tokens"])

VALID: list[dict[str, Any]] = [
    {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "12"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "tool_choice": "auto",
        "stream_options": {"include_usage": True},
        "stop": ["x"],
        "temperature": 0.5,
        "max_tokens": 50,
    },
    {
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "12"}]},
        ],
        "tools": [{"name": "f", "input_schema": {"type": "object"}}],
        "thinking": {"type": "disabled"},
        "metadata": {"user_id": "u"},
        "max_tokens": 50,
    },
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A good request of either dialect in which one value, or some bytes, are others."""
    body: Any = json.loads(json.dumps(draw(st.sampled_from(VALID))))
    body["model"] = draw(MODELS)
    body["stream"] = draw(st.booleans())
    for _ in range(draw(st.integers(0, 2))):
        _replace(draw, body)
    data = bytearray(json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(data)


def _replace(draw: st.DrawFn, value: Any) -> None:
    """Somewhere below ``value`` another value is put in."""
    while isinstance(value, dict | list) and value:
        key: Any = draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        inner = value[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
            value[key] = draw(JSON)
            return
        value = inner


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def rig(runner: asyncio.Runner) -> Rig:
    async def make() -> Rig:
        return Rig(otherwise=obliging)

    return runner.run(make())


def answered(runner: asyncio.Runner, rig: Rig, path: str, body: bytes) -> None:
    async def call() -> None:
        before = rig.ledger.recorded
        done = await asyncio.wait_for(rig.post(path, body), 10)
        assert done.complete
        if done.status != 200:
            judge(path, done.status, done.body)
        if path in (CHAT, MESSAGES):
            assert rig.ledger.recorded == before + 1
            assert rig.ledger.entries[-1].status == done.status

    runner.run(call())


@QUICK
@given(path=PATHS, body=st.binary(max_size=200))
def test_random_bytes(runner: asyncio.Runner, rig: Rig, path: str, body: bytes) -> None:
    answered(runner, rig, path, body)


@settings(QUICK, max_examples=600)
@given(path=PATHS, body=damaged())
def test_damaged_requests(runner: asyncio.Runner, rig: Rig, path: str, body: bytes) -> None:
    answered(runner, rig, path, body)


@pytest.fixture(scope="module")
def attacked(runner: asyncio.Runner) -> Iterator[Target]:
    context = target()
    yield runner.run(context.__aenter__())
    runner.run(context.__aexit__(None, None, None))


LINES = st.sampled_from(
    [
        b"host: x",
        b"content-length: 2",
        b"content-length: 99",
        b"transfer-encoding: chunked",
        b"expect: 100-continue",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Something like HTTP, in pieces that need not fit together."""
    method = draw(st.sampled_from([b"GET", b"POST", b"HEAD", b"BREW", b""]))
    path = draw(st.sampled_from([b"/v1/models", b"/v1/messages", b"*", b"http://x/v1/models", b"/%zz", b""]))
    lines = draw(st.lists(LINES | st.binary(max_size=20), max_size=4))
    body = draw(st.sampled_from([b"", b"{}", b"2\r\n{}\r\n0\r\n\r\n"]) | st.binary(max_size=50))
    return b"\r\n".join([method + b" " + path + b" HTTP/1.1", *lines, b"", body])


@QUICK
@given(data=st.lists(requests() | st.binary(max_size=100), min_size=1, max_size=3))
def test_random_http(runner: asyncio.Runner, attacked: Target, data: list[bytes]) -> None:
    async def send() -> None:
        connection = await attacked.open()
        for piece in data:
            connection.writer.write(piece)
        connection.writer.write_eof()
        answer = await closed(connection)
        assert b"HTTP/1.1 5" not in answer
        assert not answer or answer.startswith(b"HTTP/1.1 ")
        await connection.close()

    runner.run(send())


def test_it_still_serves(runner: asyncio.Runner, attacked: Target) -> None:
    runner.run(attacked.still_serves())
