"""The SDK: the same journey in-process, or a remote gateway; sync and async."""

from .aio import AsyncClient
from .result import ChatChunk, ChatResult
from .stream import AsyncChatStream
from .sync import ChatStream, Client

__all__ = ["AsyncChatStream", "AsyncClient", "ChatChunk", "ChatResult", "ChatStream", "Client"]
