"""Usage on the Anthropic wire and in the hub.

Anthropic's ``input_tokens`` is already free of cached tokens, as the hub's is. A stream tells the prompt's
tokens first (``message_start``) and cumulative totals last (``message_delta``), where it may leave out what
has not changed.

Where Anthropic made a summary of the conversation on the way (compaction), that step is billed and told in
``iterations``, but not in the totals beside it: here it is part of the usage. Steps of other models, such as
that of an advisor, have other prices and are not.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Usage

from .wire import WireIteration, WireUsage


def decode_usage(wire: WireUsage | None, *, partial: bool = False) -> Usage | None:
    """The hub's usage; None where the prompt's or the answer's tokens were not told.

    Args:
        partial: from a ``message_start``: only the prompt's tokens are required, the output is a first guess.
    """
    if wire is None or wire.input_tokens is None:
        return None
    output = wire.output_tokens
    if output is None:
        if not partial:
            return None
        output = 0
    write_5m, write_1h = _writes(wire)
    details = wire.output_tokens_details
    usage = Usage(
        input=wire.input_tokens,
        output=output,
        cache_read=wire.cache_read_input_tokens or 0,
        cache_write_5m=write_5m,
        cache_write_1h=write_1h,
        reasoning=(details.thinking_tokens or 0) if details is not None else 0,
        tier=_tier(wire),
    )
    return _with_compaction(usage, wire.iterations) if wire.iterations else usage


def _with_compaction(usage: Usage, iterations: list[WireIteration]) -> Usage:
    for step in iterations:
        if step.type == "compaction":
            write_5m, write_1h = _writes(step)
            usage = msgspec.structs.replace(
                usage,
                input=usage.input + step.input_tokens,
                output=usage.output + step.output_tokens,
                cache_read=usage.cache_read + (step.cache_read_input_tokens or 0),
                cache_write_5m=usage.cache_write_5m + write_5m,
                cache_write_1h=usage.cache_write_1h + write_1h,
            )
    return usage


def merge(start: WireUsage | None, delta: WireUsage | None) -> WireUsage | None:
    """The whole call's usage: what ``message_delta`` says goes over what ``message_start`` said.

    None without a usage in ``message_delta``, because the output of ``message_start`` is not the final one.
    """
    if delta is None or start is None:
        return delta
    return WireUsage(
        input_tokens=_first(delta.input_tokens, start.input_tokens),
        output_tokens=delta.output_tokens,
        cache_read_input_tokens=_first(delta.cache_read_input_tokens, start.cache_read_input_tokens),
        cache_creation_input_tokens=_first(
            delta.cache_creation_input_tokens, start.cache_creation_input_tokens
        ),
        cache_creation=delta.cache_creation or start.cache_creation,
        output_tokens_details=delta.output_tokens_details or start.output_tokens_details,
        service_tier=delta.service_tier or start.service_tier,
        speed=delta.speed or start.speed,
        iterations=delta.iterations or start.iterations,
    )


def encode_usage(usage: Usage | None) -> dict[str, Any]:
    """Usage as an Anthropic client reads it.

    The SDKs demand the counts, so unknown usage is written as zeros here, at the last moment. Writes with a
    life that Anthropic has no name for stand with its nearest: 30m with 5m, 12h with 1h; the total is exact.
    """
    if usage is None:
        usage = Usage()
    wire: dict[str, Any] = {
        "input_tokens": usage.input,
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m + usage.cache_write_30m,
            "ephemeral_1h_input_tokens": usage.cache_write_1h + usage.cache_write_12h,
        },
        "output_tokens": usage.output,
    }
    if usage.reasoning:
        wire["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if usage.tier == "fast":
        wire["service_tier"] = "standard"
        wire["speed"] = "fast"
    else:
        wire["service_tier"] = usage.tier if usage.tier in ("priority", "batch") else "standard"
    return wire


def _first(newer: int | None, older: int | None) -> int | None:
    return older if newer is None else newer


def _writes(wire: WireUsage | WireIteration) -> tuple[int, int]:
    """Cache writes for 5 minutes and for 1 hour; what no split explains had the default life, 5 minutes."""
    split = wire.cache_creation
    total = wire.cache_creation_input_tokens
    if split is None:
        return total or 0, 0
    if total is None:
        return split.ephemeral_5m_input_tokens, split.ephemeral_1h_input_tokens
    hour = min(split.ephemeral_1h_input_tokens, total)
    return total - hour, hour


def _tier(wire: WireUsage) -> str:
    if wire.speed == "fast":
        return "fast"
    tier = wire.service_tier or ""
    return "" if tier == "standard" else tier
