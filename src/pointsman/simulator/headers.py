"""The headers that providers put on their answers: request ids, limits, what to wait for."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from .limits import Bucket, Family, Limits
from .script import Headers

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


def limit_headers(limits: Limits, now_us: int, wall_us: int) -> Headers:
    """The limits, what is left of them, and when they will be whole again.

    Args:
        now_us: the time that the buckets go by.
        wall_us: Unix time, for the timestamps that Anthropic sends.
    """
    if limits.output is None:
        return _openai("requests", limits.requests, now_us) + _openai("tokens", limits.input, now_us)
    tighter = min(limits.input, limits.output, key=lambda bucket: bucket.remaining(now_us))
    named = (
        (b"requests", limits.requests),
        (b"tokens", tighter),
        (b"input-tokens", limits.input),
        (b"output-tokens", limits.output),
    )
    told: Headers = []
    for name, bucket in named:
        told += (
            (b"anthropic-ratelimit-%b-limit" % name, b"%d" % bucket.per_minute),
            (b"anthropic-ratelimit-%b-remaining" % name, b"%d" % bucket.remaining(now_us)),
            (b"anthropic-ratelimit-%b-reset" % name, _timestamp(wall_us + bucket.until_full(now_us))),
        )
    return told


def _openai(name: str, bucket: Bucket, now_us: int) -> Headers:
    return [
        (b"x-ratelimit-limit-%b" % name.encode(), b"%d" % bucket.per_minute),
        (b"x-ratelimit-remaining-%b" % name.encode(), b"%d" % bucket.remaining(now_us)),
        (b"x-ratelimit-reset-%b" % name.encode(), _duration(bucket.until_full(now_us))),
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
