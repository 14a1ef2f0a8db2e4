from __future__ import annotations

import pytest

from pointsman.chat import Stop
from pointsman.dialects.openai_chat.stops import decode_stop, encode_stop


@pytest.mark.parametrize(
    ("reason", "calls", "stop"),
    [
        ("stop", False, Stop.END),
        ("stop", True, Stop.TOOL_CALLS),
        ("length", True, Stop.LENGTH),
        ("tool_calls", True, Stop.TOOL_CALLS),
        ("function_call", True, Stop.TOOL_CALLS),
        ("content_filter", False, Stop.REFUSAL),
        ("insufficient_system_resource", False, Stop.OTHER),
        (None, False, Stop.OTHER),
    ],
)
def test_reasons_are_read(reason: str | None, calls: bool, stop: Stop) -> None:
    assert decode_stop(reason, has_tool_calls=calls) is stop


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop.END, "stop"),
        (Stop.STOP_SEQUENCE, "stop"),
        (Stop.LENGTH, "length"),
        (Stop.CONTEXT_WINDOW, "length"),
        (Stop.TOOL_CALLS, "tool_calls"),
        (Stop.REFUSAL, "content_filter"),
        (Stop.PAUSE, "stop"),
        (Stop.OTHER, "stop"),
    ],
)
def test_stops_are_told(stop: Stop, reason: str) -> None:
    assert encode_stop(stop) == reason
