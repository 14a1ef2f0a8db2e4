"""From the gateway's bytes to the hub: the client asks, and is answered, in the OpenAI dialect."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from pointsman.chat import StreamEvent
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import PointsmanError, StreamBroken
from pointsman.http1 import EventSplitter, iter_events

from .backend import Reply
from .failures import as_raised_here


def whole_reply(headers: dict[str, str], body: bytes) -> Reply:
    """Raises UpstreamMalformed: the answer is none that the dialect knows."""
    return Reply(headers, response=OPENAI_CHAT.decode_response(body))


def streamed_reply(headers: dict[str, str], chunks: AsyncGenerator[bytes, None]) -> Reply:
    return Reply(headers, events=_events(chunks))


async def _events(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[StreamEvent, None]:
    """Raises the error that the stream tells of, or StreamBroken where it just ends."""
    decoder, splitter = OPENAI_CHAT.stream_decoder(), EventSplitter()
    try:
        async for piece in chunks:
            for name, data in iter_events(splitter.feed(piece)):
                for event in decoder.feed(name, data):
                    yield event
        if not decoder.ended:
            raise StreamBroken("The gateway closed the stream before its end; what came is incomplete.")
    except PointsmanError as error:
        raise as_raised_here(error) from None
    finally:
        await chunks.aclose()
