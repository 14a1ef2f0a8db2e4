"""Stop reasons, both ways."""

from __future__ import annotations

from pointsman.chat import Stop

_DECODE = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.STOP_SEQUENCE,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.CONTEXT_WINDOW,
    "tool_use": Stop.TOOL_CALLS,
    "refusal": Stop.REFUSAL,
    "pause_turn": Stop.PAUSE,
}
_ENCODE = {stop: reason for reason, stop in _DECODE.items()}


def decode_stop(reason: str | None) -> Stop:
    return _DECODE.get(reason or "", Stop.OTHER)


def encode_stop(stop: Stop, *, refused: bool) -> str:
    """The ``stop_reason``. ``refused``: the answer holds a refusal, which OpenAI ends with a plain "stop"."""
    if refused and stop is Stop.END:
        return "refusal"
    return _ENCODE.get(stop, "end_turn")
