"""The SDK: the same journey in-process, or a remote gateway; sync and async."""

from .aio import AsyncChatStream, AsyncClient
from .result import ChatChunk, ChatResult
from .sync import ChatStream, Client

__all__ = ["AsyncChatStream", "AsyncClient", "ChatChunk", "ChatResult", "ChatStream", "Client"]
