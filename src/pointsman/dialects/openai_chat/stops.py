"""Stop reasons, both ways."""

from __future__ import annotations

from pointsman.chat import Stop

_DECODE = {
    "stop": Stop.END,
    "length": Stop.LENGTH,
    "tool_calls": Stop.TOOL_CALLS,
    "function_call": Stop.TOOL_CALLS,
    "content_filter": Stop.REFUSAL,
}
_ENCODE = {
    Stop.END: "stop",
    Stop.STOP_SEQUENCE: "stop",
    Stop.LENGTH: "length",
    Stop.CONTEXT_WINDOW: "length",
    Stop.TOOL_CALLS: "tool_calls",
    Stop.REFUSAL: "content_filter",
    Stop.PAUSE: "stop",
    Stop.OTHER: "stop",
}


def decode_stop(reason: str | None, *, has_tool_calls: bool) -> Stop:
    """Calls win over "stop": OpenAI says so where a call was forced by name, and Gemini's compatible API for
    every call; a client that answers calls only on "tool_calls" would stand still.
    """
    stop = _DECODE.get(reason or "", Stop.OTHER)
    return Stop.TOOL_CALLS if stop is Stop.END and has_tool_calls else stop


def encode_stop(stop: Stop) -> str:
    return _ENCODE[stop]
