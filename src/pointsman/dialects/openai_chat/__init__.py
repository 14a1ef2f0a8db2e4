"""OpenAI's chat completions: ``POST /v1/chat/completions``, and every provider that is compatible with it."""

from .dialect import OPENAI_CHAT, OpenAIChat

__all__ = ["OPENAI_CHAT", "OpenAIChat"]
