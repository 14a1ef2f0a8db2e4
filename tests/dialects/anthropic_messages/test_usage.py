from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages.usage import decode_usage, encode_usage, merge
from pointsman.dialects.anthropic_messages.wire import WireUsage

_tokens = st.integers(0, 10**9)


def told(**fields: Any) -> WireUsage:
    return msgspec.convert(fields, WireUsage)


@given(
    st.builds(
        Usage,
        input=_tokens,
        output=_tokens,
        cache_read=_tokens,
        cache_write_5m=_tokens,
        cache_write_1h=_tokens,
        reasoning=_tokens,
        tier=st.sampled_from(["", "priority", "batch", "fast"]),
    )
)
def test_no_token_is_lost_on_the_way_there_and_back(usage: Usage) -> None:
    wire = msgspec.json.decode(msgspec.json.encode(encode_usage(usage)), type=WireUsage)
    assert decode_usage(wire) == usage


@given(st.builds(Usage, *[_tokens] * 8))
def test_the_prompt_is_the_same_sum_on_both_sides(usage: Usage) -> None:
    wire = encode_usage(usage)
    cached = wire["cache_creation_input_tokens"] + wire["cache_read_input_tokens"]
    assert wire["input_tokens"] + cached == usage.prompt
    assert sum(wire["cache_creation"].values()) == wire["cache_creation_input_tokens"]


@pytest.mark.parametrize(
    ("start", "delta", "meant"),
    [
        (
            told(input_tokens=9, output_tokens=1, cache_read_input_tokens=4),
            told(output_tokens=50),
            Usage(input=9, output=50, cache_read=4),
        ),
        (told(input_tokens=9, output_tokens=1), told(input_tokens=12, output_tokens=50), Usage(12, 50)),
        (None, told(input_tokens=12, output_tokens=50, cache_creation_input_tokens=3), Usage(12, 50, 0, 3)),
        (
            told(
                input_tokens=9,
                cache_creation_input_tokens=30,
                cache_creation={"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
            ),
            told(output_tokens=5, cache_creation_input_tokens=30),
            Usage(input=9, output=5, cache_write_5m=10, cache_write_1h=20),
        ),
        (told(input_tokens=9, output_tokens=1), told(), None),
        (told(input_tokens=9, output_tokens=1), None, None),
        (None, told(output_tokens=5), None),
        (None, None, None),
    ],
)
def test_the_last_word_goes_over_the_first(
    start: WireUsage | None, delta: WireUsage | None, meant: Usage | None
) -> None:
    assert decode_usage(merge(start, delta)) == meant


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"cache_creation_input_tokens": 7}, Usage(input=1, output=2, cache_write_5m=7)),
        (
            {"cache_creation_input_tokens": 7, "cache_creation": {"ephemeral_1h_input_tokens": 3}},
            Usage(input=1, output=2, cache_write_5m=4, cache_write_1h=3),
        ),
        ({"cache_creation": {"ephemeral_1h_input_tokens": 3}}, Usage(input=1, output=2, cache_write_1h=3)),
        ({"service_tier": "standard"}, Usage(1, 2)),
        ({"service_tier": "standard", "speed": "fast"}, Usage(1, 2, tier="fast")),
        ({"service_tier": "batch"}, Usage(1, 2, tier="batch")),
    ],
)
def test_cache_writes_and_tiers(fields: dict[str, Any], meant: Usage) -> None:
    assert decode_usage(told(input_tokens=1, output_tokens=2, **fields)) == meant


def test_the_start_of_a_stream_needs_only_the_prompt() -> None:
    assert decode_usage(told(input_tokens=3), partial=True) == Usage(input=3)
    assert decode_usage(told(input_tokens=3)) is None
    assert decode_usage(told(output_tokens=3), partial=True) is None


def test_a_summary_made_on_the_way_is_billed_too() -> None:
    """The totals leave it out; https://platform.claude.com/docs/en/build-with-claude/compaction."""
    start = told(input_tokens=23_000, output_tokens=1)
    step = {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500}
    cached = {
        "type": "compaction",
        "input_tokens": 7,
        "output_tokens": 2,
        "cache_read_input_tokens": 50,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    }
    message = {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000}
    advice = {"type": "advisor_message", "model": "another", "input_tokens": 5, "output_tokens": 5}
    delta = told(output_tokens=1_000, iterations=[step, cached, message, advice])
    assert decode_usage(merge(start, delta)) == Usage(
        input=203_007, output=4_502, cache_read=50, cache_write_5m=10, cache_write_1h=20
    )


@pytest.mark.parametrize(
    "iterations", [None, [], [{"type": "message", "input_tokens": 1, "output_tokens": 2}]]
)
def test_steps_that_the_totals_hold_are_not_counted_twice(iterations: Any) -> None:
    assert decode_usage(told(input_tokens=1, output_tokens=2, iterations=iterations)) == Usage(1, 2)
