"""Requests that an answer cache knows to be equal, and what is said to them in any dialect and form."""

from __future__ import annotations

from typing import Any

from pointsman.caching.kept.replay import response_of
from pointsman.chat import Response, StreamEvent
from pointsman.config import Settings
from pointsman.dialects import get_dialect
from pointsman.gateway.flights.flights import Flights
from pointsman.http1 import iter_events
from tests.support.gateway import CHAT, Rig, ask
from tests.support.stack import settings


def caching(**more: Any) -> Settings:
    return settings(cache={"enabled": True} | more)


def cold(model: str, prompt: str = "Why?", **more: Any) -> dict[str, Any]:
    """A request that is cached."""
    return ask(model, prompt, temperature=0, **more)


def events(path: str, body: bytes) -> list[StreamEvent]:
    decoder = get_dialect("openai_chat" if path == CHAT else "anthropic_messages").stream_decoder()
    return [event for name, data in iter_events(body) for event in decoder.feed(name, data)]


def said(path: str, body: bytes, streams: bool) -> Response:
    if not streams:
        return get_dialect("openai_chat" if path == CHAT else "anthropic_messages").decode_response(body)
    whole = response_of(events(path, body))
    assert whole is not None
    return whole


def flights_of(rig: Rig) -> Flights:
    assert rig.gateway.cache is not None and rig.gateway.cache.flights is not None
    return rig.gateway.cache.flights
