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
    prompt, output, total = usage.prompt_tokens or 0, usage.completion_tokens or 0, usage.total_tokens or 0
    if prompt < 0 or output < 0:
        prompt, output = max(prompt, 0), max(output, 0)
    hidden = total - prompt - output if total > prompt + output else 0
    if not prompt and not output and not hidden:
        return None
    details, spent = usage.prompt_tokens_details, usage.completion_tokens_details
    cached, written, reasoning = usage.prompt_cache_hit_tokens or 0, 0, hidden
    if details is not None:
        cached, written = details.cached_tokens or cached, details.cache_write_tokens or 0
    if cached or written:
        cached = min(max(cached, 0), prompt)
        written = min(max(written, 0), prompt - cached)
    if spent is not None and (told := spent.reasoning_tokens) is not None and told > hidden:
        reasoning = told
    output += hidden
    if reasoning > output:  # a subset cannot be larger: here, too, thinking was left out of the output
        output += reasoning
    return Usage(
        prompt - cached - written,
        output,
        cached,
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
