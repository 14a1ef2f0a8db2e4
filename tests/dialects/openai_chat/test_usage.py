from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.dialects.openai_chat import wire
from pointsman.dialects.openai_chat.usage import decode_usage, encode_tier, encode_usage
from tests.support.openai_chat_cases import USAGE, USAGE_WIRE


def _decode(usage: dict[str, Any] | None, tier: str | None = None) -> Usage | None:
    return decode_usage(None if usage is None else msgspec.convert(usage, wire.Usage), tier)


CASES: list[tuple[dict[str, Any] | None, Usage | None]] = [
    (None, None),
    ({}, None),
    ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, None),
    (USAGE_WIRE, USAGE),
    ({"prompt_tokens": 5, "completion_tokens": 7}, Usage(input=5, output=7)),
    # DeepSeek
    (
        {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "prompt_cache_hit_tokens": 4},
        Usage(input=5, output=1, cache_read=4),
    ),
    # Gemini: thinking is in the total only
    (
        {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 32},
        Usage(input=5, output=27, reasoning=20),
    ),
    # xAI: and in the details
    (
        {
            "prompt_tokens": 5,
            "completion_tokens": 7,
            "total_tokens": 32,
            "completion_tokens_details": {"reasoning_tokens": 20},
        },
        Usage(input=5, output=27, reasoning=20),
    ),
    # a part larger than its whole
    (
        {"prompt_tokens": 5, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 20}},
        Usage(input=5, output=27, reasoning=20),
    ),
    # more cached than there was
    (
        {
            "prompt_tokens": 5,
            "completion_tokens": 1,
            "prompt_tokens_details": {"cached_tokens": 9, "cache_write_tokens": 9},
        },
        Usage(output=1, cache_read=5),
    ),
]


@pytest.mark.parametrize(("usage", "expected"), CASES)
def test_what_servers_report(usage: dict[str, Any] | None, expected: Usage | None) -> None:
    assert _decode(usage) == expected


_counts = st.none() | st.integers(-5, 50)


@given(_counts, _counts, _counts, _counts, _counts, _counts)
def test_no_report_makes_a_bucket_negative_or_loses_tokens(
    prompt: int | None,
    output: int | None,
    total: int | None,
    cached: int | None,
    written: int | None,
    thought: int | None,
) -> None:
    usage = _decode(
        {
            "prompt_tokens": prompt,
            "completion_tokens": output,
            "total_tokens": total,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
            "completion_tokens_details": {"reasoning_tokens": thought},
        }
    )
    if usage is None:
        assert not any(count and count > 0 for count in (prompt, output, total))
        return
    buckets = (usage.input, usage.output, usage.cache_read, usage.cache_write, usage.reasoning)
    assert min(buckets) >= 0
    assert usage.prompt == max(prompt or 0, 0)
    assert usage.total >= (total or 0)
    assert usage.reasoning <= usage.output


@given(*[st.integers(1, 999)] * 5)
def test_what_is_encoded_reads_back_the_same(a: int, b: int, c: int, d: int, e: int) -> None:
    usage = Usage(input=a, output=b + e, cache_read=c, cache_write_30m=d, reasoning=e)
    assert _decode(encode_usage(usage)) == usage


def test_every_cache_write_is_in_the_prompt() -> None:
    usage = Usage(input=1, cache_write_5m=2, cache_write_30m=3, cache_write_1h=4, cache_write_12h=5, output=1)
    wire_usage = encode_usage(usage)
    assert (wire_usage["prompt_tokens"], wire_usage["total_tokens"]) == (15, 16)
    assert wire_usage["prompt_tokens_details"]["cache_write_tokens"] == 14


def test_tiers() -> None:
    assert [encode_tier(tier) for tier in ("flex", "standard", "batch", "")] == [
        "flex",
        "default",
        None,
        None,
    ]
    assert _decode({"prompt_tokens": 1}, "flex") == Usage(input=1, tier="flex")
