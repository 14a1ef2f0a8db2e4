"""Usage, both ways: OpenAI counts cached tokens inside of the prompt, the hub keeps disjoint buckets."""

from __future__ import annotations

from typing import Any

from pointsman.chat import Usage

from . import wire

_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})


def decode_usage(usage: wire.Usage | None, tier: str | None) -> Usage | None:
    """None where nothing was reported; some servers say so with zeros, and no call has an empty prompt.

    Cached tokens are held below the prompt, so that no bucket is negative. Output is the larger of
    ``completion_tokens`` and ``total_tokens - prompt_tokens``: Gemini and xAI leave thinking out of
    the former, and it is billed.
    """
    if usage is None:
        return None
    prompt = max(usage.prompt_tokens or 0, 0)
    output = max(usage.completion_tokens or 0, 0)
    hidden = max((usage.total_tokens or 0) - prompt - output, 0)
    if not prompt and not output and not hidden:
        return None
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens if details else None) or usage.prompt_cache_hit_tokens or 0
    cached = min(max(cached, 0), prompt)
    written = min(max((details.cache_write_tokens if details else None) or 0, 0), prompt - cached)
    told = usage.completion_tokens_details.reasoning_tokens if usage.completion_tokens_details else None
    reasoning = max(told or 0, hidden)
    output += hidden
    if reasoning > output:  # a subset cannot be larger: here, too, thinking was left out of the output
        output += reasoning
    return Usage(
        input=prompt - cached - written,
        output=output,
        cache_read=cached,
        cache_write_30m=written,  # the default lifetime; the report does not tell
        reasoning=reasoning,
        tier=tier or "",
    )


def encode_tier(tier: str) -> str | None:
    """The service tier as an OpenAI client may read it; None where it has no word for it."""
    return "default" if tier == "standard" else tier if tier in _TIERS else None


def encode_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.output,
        "total_tokens": usage.total,
        "prompt_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning},
    }
