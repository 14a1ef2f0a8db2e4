"""Anthropic's messages API: ``POST /v1/messages`` and ``/v1/messages/count_tokens``."""

from .dialect import ANTHROPIC_MESSAGES, AnthropicMessages

__all__ = ["ANTHROPIC_MESSAGES", "AnthropicMessages"]
