"""The beginning of an answer, put behind a conversation so that a model goes on with it ("prefill")."""

from __future__ import annotations

from typing import Any

import msgspec

_turns = msgspec.json.Decoder(list[msgspec.Raw])
_turn = msgspec.json.Decoder(dict[str, Any])
_encode = msgspec.json.Encoder().encode


def with_answer(messages: msgspec.Raw, said: str) -> bytes | None:
    """``messages`` of either dialect with ``said`` as the last words of the assistant.

    Where the caller itself had begun the answer, it goes on in the same turn. Returns None where the last
    turn is one that text cannot follow.
    """
    try:
        turns = [bytes(turn) for turn in _turns.decode(messages)]
        last = _turn.decode(turns[-1])
    except (msgspec.DecodeError, IndexError):
        return None
    if last.get("role") != "assistant":
        turns.append(_encode({"role": "assistant", "content": said}))
    else:
        content = _joined(last.get("content"), said)
        if content is None or last.get("tool_calls"):
            return None
        turns[-1] = _encode(last | {"content": content})
    return b"[%b]" % b",".join(turns)


def _joined(content: object, said: str) -> object:
    if isinstance(content, str):
        return content + said
    if not isinstance(content, list) or not content or not isinstance(content[-1], dict):
        return None
    last = content[-1]
    if last.get("type") != "text" or not isinstance(last.get("text"), str):
        return None
    return [*content[:-1], last | {"text": last["text"] + said}]
