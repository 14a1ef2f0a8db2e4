"""The headers that providers put on their answers: request ids, limits, what to wait for."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Literal

from .levels import Level
from .limits import Family, Limits
from .script import Headers

Show = Literal["on", "off", "no-limits"]
"""Of the headers of limits: all, none, or what is left without the limit itself."""

_JSON = (b"content-type", b"application/json")
_EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")


def common_headers(family: Family, request_id: str, *, stream: bool) -> Headers:
    """What stands on every answer."""
    content = _EVENTS if stream else _JSON
    if family == "anthropic":
        return [content, (b"request-id", request_id.encode()), (b"anthropic-organization-id", b"simulated")]
    return [
        content,
        (b"x-request-id", request_id.encode()),
        (b"openai-organization", b"simulated"),
        (b"openai-version", b"2020-10-01"),
    ]


def processing_header(seconds: float) -> tuple[bytes, bytes]:
    return (b"openai-processing-ms", b"%d" % max(1, round(seconds * 1000)))


def retry_headers(family: Family, seconds: float | None) -> Headers:
    """``retry-after`` in whole seconds, never too early; OpenAI tells the milliseconds besides."""
    if seconds is None:
        return []
    told: Headers = [(b"retry-after", b"%d" % math.ceil(seconds))]
    if family == "openai":
        told.append((b"retry-after-ms", b"%d" % math.ceil(seconds * 1000)))
    return told


def limit_headers(family: Family, limits: Limits, now_us: int, wall_us: int, show: Show = "on") -> Headers:
    """The limits, what is left of them, and when they will be whole again. Where several hold, those of the
    one of which the least is left.

    Args:
        family: of the dialect that is spoken.
        now_us: the time that the levels go by.
        wall_us: Unix time, for the timestamps that Anthropic sends.
    """
    if show == "off":
        return []

    def tightest(*causes: str) -> Level:
        levels = limits.levels | limits.account.levels
        return min(
            (levels[cause] for cause in causes if cause in levels), key=lambda level: level.remaining(now_us)
        )

    tokens = ("tokens", "input_tokens", "output_tokens", "account_tokens")
    named = [(b"requests", tightest("requests", "account_requests")), (b"tokens", tightest(*tokens))]
    if family == "openai":
        return [header for name, level in named for header in _openai(name, level, now_us, show)]
    named += [
        (b"input-tokens", tightest("input_tokens", "tokens")),
        (b"output-tokens", tightest("output_tokens", "tokens")),
    ]
    return [header for name, level in named for header in _anthropic(name, level, now_us, wall_us, show)]


def _openai(name: bytes, level: Level, now_us: int, show: Show) -> Headers:
    told: Headers = [(b"x-ratelimit-limit-%b" % name, b"%d" % level.per_minute)] if show == "on" else []
    return [
        *told,
        (b"x-ratelimit-remaining-%b" % name, b"%d" % level.remaining(now_us)),
        (b"x-ratelimit-reset-%b" % name, _duration(level.until_full(now_us))),
    ]


def _anthropic(name: bytes, level: Level, now_us: int, wall_us: int, show: Show) -> Headers:
    start = b"anthropic-ratelimit-" + name
    told: Headers = [(start + b"-limit", b"%d" % level.per_minute)] if show == "on" else []
    return [
        *told,
        (start + b"-remaining", b"%d" % level.remaining(now_us)),
        (start + b"-reset", _timestamp(wall_us + level.until_full(now_us))),
    ]


def _timestamp(wall_us: int) -> bytes:
    """RFC 3339, rounded up to a second."""
    return datetime.fromtimestamp(-(-wall_us // 1_000_000), UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _duration(microseconds: int) -> bytes:
    """As OpenAI writes it: "12ms", "1.5s", "1m0s"; rounded up to a millisecond."""
    milliseconds = -(-microseconds // 1000)
    if milliseconds < 1000:
        return b"%dms" % milliseconds
    minutes, rest = divmod(milliseconds, 60_000)
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{seconds}s".encode() if minutes else f"{seconds}s".encode()
