"""The stream of one answer, as a client reads it; with checks that it is one."""

from __future__ import annotations

import msgspec

from pointsman.http1 import iter_events
from tests.support.gateway import MESSAGES


def texts(path: str, body: bytes) -> str:
    """What a client reads, whichever dialect it speaks; checks that the events are those of one answer."""
    return _anthropic_text(body) if path == MESSAGES else _openai_text(body)


def _anthropic_text(body: bytes) -> str:
    events = [(name, msgspec.json.decode(data)) for name, data in iter_events(body)]
    names = [name for name, _ in events if name not in ("ping", "brand_new")]
    assert names[0] == "message_start"
    assert names[-2:] == ["message_delta", "message_stop"]
    assert [names.count(name) for name in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    opened: list[int] = []
    closed: list[int] = []
    text = ""
    for name, event in events:
        if name == "content_block_start":
            assert event["index"] == len(opened) == len(closed)
            opened.append(event["index"])
        elif name == "content_block_delta":
            assert event["index"] == opened[-1]
            assert event["index"] not in closed
            text += event["delta"].get("text", "")
        elif name == "content_block_stop":
            closed.append(event["index"])
    assert opened == closed
    return text


def _openai_text(body: bytes) -> str:
    data = [data for _, data in iter_events(body)]
    assert data[-1] == b"[DONE]"
    chunks = [msgspec.json.decode(each) for each in data[:-1]]
    assert len({(chunk["id"], chunk["model"], chunk["created"]) for chunk in chunks}) == 1
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert sum("role" in delta for delta in deltas) == 1
    finished = [c["finish_reason"] for chunk in chunks for c in chunk["choices"] if c["finish_reason"]]
    assert len(finished) == 1
    return "".join(delta.get("content") or "" for delta in deltas)


def said_in(body: bytes) -> str:
    """All text of a stream, whole or not, in either dialect."""
    text = ""
    for _, data in iter_events(body):
        if data.startswith(b"{"):
            event = msgspec.json.decode(data)
            text += (event.get("delta") or {}).get("text") or ""
            for choice in event.get("choices") or ():
                text += choice["delta"].get("content") or ""
    return text
