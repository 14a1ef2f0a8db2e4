"""Pointsman: a self-hosted LLM gateway and Python library.

from pointsman import Client

with Client() as client:
    print(client.chat("claude-haiku-4-5", "Why is the sky blue?").text)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import PointsmanError
from .version import __version__

if TYPE_CHECKING:
    from .chat import Usage
    from .client import AsyncChatStream, AsyncClient, ChatChunk, ChatResult, ChatStream, Client
    from .limits.limiter import LimitedCall, RateLimiter
    from .resilience import RetryBudget, RetryPolicy
    from .resilience.calling import Retry, call_with_retry, call_with_retry_sync

_LAZY = {
    "AsyncChatStream": "pointsman.client",
    "AsyncClient": "pointsman.client",
    "ChatChunk": "pointsman.client",
    "ChatResult": "pointsman.client",
    "ChatStream": "pointsman.client",
    "Client": "pointsman.client",
    "LimitedCall": "pointsman.limits.limiter",
    "RateLimiter": "pointsman.limits.limiter",
    "Retry": "pointsman.resilience.calling",
    "RetryBudget": "pointsman.resilience",
    "RetryPolicy": "pointsman.resilience",
    "Usage": "pointsman.chat",
    "call_with_retry": "pointsman.resilience.calling",
    "call_with_retry_sync": "pointsman.resilience.calling",
}
"""Loaded when first asked for, so that ``import pointsman`` stays quick."""

__all__ = [
    "AsyncChatStream",
    "AsyncClient",
    "ChatChunk",
    "ChatResult",
    "ChatStream",
    "Client",
    "LimitedCall",
    "PointsmanError",
    "RateLimiter",
    "Retry",
    "RetryBudget",
    "RetryPolicy",
    "Usage",
    "__version__",
    "call_with_retry",
    "call_with_retry_sync",
]


def __getattr__(name: str) -> Any:
    home = _LAZY.get(name)
    if home is None:
        raise AttributeError(f"module 'pointsman' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
