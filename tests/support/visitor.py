"""A client of the simulation: what it was sent, and whether that is one whole answer and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from tests.support.asgi import AsgiCall
from tests.support.worlds import Visit


class Reading(msgspec.Struct):
    """An answer as a client reads it."""

    text: str = ""
    tools: dict[str, str] = {}
    """Arguments as they came, by the place of the call."""
    complete: bool = False
    """It came to its proper end."""
    error: Any = None
    """The error that it is, or that it ended with."""
    comments: int = 0
    garbled: bool = False
    """An event of its provider's is broken; it was passed on as it came, and an error must follow."""


class Visitor(AsgiCall):
    """One request under way."""

    def __init__(self, visit: Visit, app: Any) -> None:
        self.sent_body = msgspec.json.encode(visit.body)
        super().__init__(app, "POST", visit.path, [self.sent_body], visit.headers)
        self.visit = visit
        self.began = asyncio.get_running_loop().time()
        self.ended: float | None = None
        self.left: float | None = None
        """When it left, or was cancelled, or its gateway was killed."""
        self.killed = False
        self.first_at: float | None = None

    @property
    def request_id(self) -> str:
        return self.headers.get("x-request-id", "")

    async def run(self) -> Visitor:
        try:
            await super().run()
        finally:
            self.ended = asyncio.get_running_loop().time()
        return self

    async def _send(self, message: dict[str, Any]) -> None:
        await super()._send(message)
        if self.first_at is None:
            self.first_at = asyncio.get_running_loop().time()
        if self.visit.slow and message.get("body") and self.left is None:
            await asyncio.sleep(self.visit.slow)

    def read(self) -> Reading:
        """Raises AssertionError where no client could read it."""
        if self.status != 200:
            if not self.complete:
                return Reading()
            error = self.json()["error"]
            assert error["message"], self.body
            return Reading(error=error)
        if not self.visit.body["stream"]:
            if not self.complete:
                return Reading()
            return _whole(self.json())
        openai = "chat" in self.visit.path
        return _openai_stream(self.body) if openai else _anthropic_stream(self.body)


def _whole(body: Any) -> Reading:
    if "choices" in body:
        (choice,) = body["choices"]
        assert choice["finish_reason"], body
        calls = choice["message"].get("tool_calls") or []
        tools = {str(place): call["function"]["arguments"] for place, call in enumerate(calls)}
        return Reading(choice["message"].get("content") or "", tools, True)
    assert body["stop_reason"], body
    reading = Reading(complete=True)
    for part in body["content"]:
        if part["type"] == "text":
            reading.text += part["text"]
        else:
            reading.tools[str(len(reading.tools))] = msgspec.json.encode(part["input"]).decode()
    return reading


def _events(body: bytes) -> tuple[list[tuple[str, str]], int, bool]:
    """Name and data of each event; how many comments; and whether the last one was whole."""
    events, comments = [], 0
    *blocks, rest = body.decode().split("\n\n")
    for block in blocks:
        name, data = "", []
        for line in block.split("\n"):
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
            elif line.startswith(":"):
                comments += 1
        if data:
            events.append((name, "\n".join(data)))
    return events, comments, not rest


def _decode(reading: Reading, data: str) -> Any:
    try:
        event = msgspec.json.decode(data)
    except msgspec.DecodeError:
        assert not reading.garbled, "one broken event ends a stream"
        reading.garbled = True
        return None
    assert not reading.garbled or "error" in event, "only an error comes after a broken event"
    return event


def _openai_stream(body: bytes) -> Reading:
    events, comments, _ = _events(body)
    reading, finished = Reading(comments=comments), False
    for _, data in events:
        assert not reading.complete, "nothing comes after [DONE]"
        assert reading.error is None, "nothing comes after an error"
        if data == "[DONE]":
            assert finished, "an answer tells why it ended"
            reading.complete = True
            continue
        chunk = _decode(reading, data)
        if chunk is None:
            continue
        if "error" in chunk:
            reading.error = chunk["error"]
            continue
        for choice in chunk["choices"]:
            delta = choice["delta"]
            assert not (finished and (delta.get("content") or delta.get("tool_calls"))), "text after its end"
            reading.text += delta.get("content") or ""
            for call in delta.get("tool_calls") or ():
                place = str(call["index"])
                reading.tools[place] = reading.tools.get(place, "") + call["function"].get("arguments", "")
            finished = finished or bool(choice.get("finish_reason"))
    if finished and reading.garbled and reading.error is None:  # broken behind the answer's own end
        reading.complete = True
    return reading


def _anthropic_stream(body: bytes) -> Reading:
    events, comments, _ = _events(body)
    reading, open_, started, stopped = Reading(comments=comments), dict[int, str](), False, False
    for name, data in events:
        event = _decode(reading, data)
        if event is None:
            continue
        kind = event["type"]
        assert name == kind, "Anthropic's SDK drops events without their name"
        assert not reading.complete, "nothing comes after message_stop"
        assert reading.error is None, "nothing comes after an error"
        if kind == "ping":
            continue
        if kind == "error":
            reading.error = event["error"]
            continue
        assert started == (kind != "message_start"), "a stream has one beginning, at its beginning"
        started = True
        if kind == "content_block_start":
            assert event["index"] not in open_
            open_[event["index"]] = event["content_block"]["type"]
        elif kind == "content_block_delta":
            assert event["index"] in open_
            assert not stopped
            delta = event["delta"]
            reading.text += delta.get("text", "")
            if "partial_json" in delta:
                place = str(event["index"])
                reading.tools[place] = reading.tools.get(place, "") + delta["partial_json"]
        elif kind == "message_delta":
            assert event["delta"]["stop_reason"], event
            stopped = True
        elif kind == "message_stop":
            assert stopped, "an answer tells why it ended"
            reading.complete = True
    return reading
