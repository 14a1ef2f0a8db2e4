"""A whole answer as the stream that its client asked for. Pure."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pointsman.caching.kept.replay import events_of
from pointsman.chat import Response
from pointsman.dialects.base import StreamEncoder


async def as_stream(response: Response, encoder: StreamEncoder) -> AsyncGenerator[bytes, None]:
    """In the encoder's dialect."""
    for event in events_of(response):
        if piece := encoder.encode(event):
            yield piece
